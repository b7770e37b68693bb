"""How well stories are told apart: a stream of publications with known events through the archivist itself.

Each publication goes the way of a live one, through an archive of its own in memory, with meaning or by exact
repetition alone, as before there were vectors. B-cubed: of every item, how many of those in its story tell
its event (precision), and how many of those that tell its event are in its story (recall); the mean over items.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlmodel import col, select

from services.archivist.incoming import incoming
from services.archivist.neighbourhood import Neighbourhood
from services.archivist.window import Window
from services.archivist.write import take_over
from shared.archive import story_events
from shared.archive.stories import ROOT
from shared.archive.story_events import Event
from shared.archive.tables import ItemRow, StoryAliasRow
from shared.bus import CLASSIFIED, Record
from shared.clock import Clock
from shared.events import encode
from shared.items import ClassifiedItem, Purpose
from shared.store import Store
from shared.store.migrations import newest

DRAWS: Final = 1_000
BATCH: Final = 50
_SEED: Final = 7


@dataclass(frozen=True, slots=True)
class Grouped:
    """Item -> its story, what joined and why, and the processor's milliseconds of looking around, for an item."""

    story: Mapping[str, str]
    history: Sequence[Event]
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over items with the middle 95 % of drawing events again."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scores:
    """B-cubed."""

    precision: Figure
    recall: Figure


def grouped(items: Sequence[ClassifiedItem], clock: Clock, *, by_meaning: bool) -> Grouped:
    """The items, in their order, through an archive in memory."""
    store = Store("sqlite://", clock)
    try:
        with store.writing() as session:
            newest.make(session.connection())
        window, spent = Window(), 0.0
        for start in range(0, len(items), BATCH):
            some = items[start : start + BATCH]
            if not by_meaning:
                some = [each.model_copy(update={"meaning": None}) for each in some]
            spent += _take(store, some, window)
        with store.reading() as session:
            rooted = select(ItemRow.item_id, ROOT).join(
                StoryAliasRow, col(StoryAliasRow.alias) == col(ItemRow.story), isouter=True
            )
            stories = dict(session.execute(rooted).all())
            history = story_events.whole_history(session)
    finally:
        store.close()
    return Grouped(stories, history, 1000 * spent / max(1, len(items)))


def _take(store: Store, items: Sequence[ClassifiedItem], window: Window) -> float:
    """Seconds of the processor that were spent looking around."""
    now = store.clock.now()
    events = [encode(each, purpose=Purpose.LIVE, stage="classifier", now=now) for each in items]
    batch = [incoming(Record(CLASSIFIED, 0, number, now, event)) for number, event in enumerate(events)]
    for event in batch:
        event.prepare()
    around = Neighbourhood(batch, window)
    begun = time.process_time()
    with store.reading() as session:
        around.look(session, now)
    spent = time.process_time() - begun
    with store.writing() as session:
        take_over(session, batch, now, around=around)
    return spent


def scores(event: Mapping[str, str], story: Mapping[str, str]) -> Scores:
    """B-cubed of stories against events (item -> event, item -> story)."""
    together = Counter((event[item], story[item]) for item in event)
    stories, events = Counter(story[item] for item in event), Counter(event.values())
    of_event: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for item, told in event.items():
        right = together[told, story[item]]
        of_event[told].append((right / stories[story[item]], right / events[told]))
    sums = np.array([[*np.sum(each, axis=0), len(each)] for each in of_event.values()])
    drawn = _drawn(len(sums), lambda chosen: sums[chosen].sum(axis=0))
    return Scores(*(_figure(sums[:, side].sum() / len(event), drawn[:, side] / drawn[:, 2]) for side in (0, 1)))


def _drawn(events: int, summed: Callable[[NDArray[np.intp]], NDArray[np.float64]]) -> NDArray[np.float64]:
    generator = np.random.default_rng(_SEED)
    return np.array([summed(generator.integers(events, size=events)) for _ in range(DRAWS)])


def _figure(value: float, drawn: NDArray[np.float64]) -> Figure:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Figure(float(value), float(low), float(high))
