"""What else is of the same subject: the nearest publications of thirty days, for readers. It decides nothing.

What lies less near counts where the pair model, which looks at names and numbers, is sure of one event. In a
stream of the press it mostly finds one affair and not one event, so no more is said of it.

Worked out beside the stories, some items at a time: nobody waits for it. What is read for it is not kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlmodel import Session, col

from shared.archive import arrivals, locks, subjects
from shared.archive.arrivals import Meant
from shared.archive.subjects import ACROSS, WITHIN, Subject
from shared.archive.tables import ItemRow
from shared.comparison.pair import Nearness, Report, judge, report
from shared.items import body_of
from shared.meaning.vectors import unpacked
from shared.store import Store

AT_ONCE: Final = 100  # items
NEAR: Final = timedelta(days=30)
MOST: Final = 5  # for an item
JUDGED: Final = 6  # for an item, the nearest of those that are not near enough
FLOOR: Final = 0.3  # of whose nearness
LATELY: Final = timedelta(days=7)  # between whose publications
SURE: Final = 0.8  # likelihood of one event
_CHUNK: Final = 2_000  # vectors that are unpacked at a time

Floats = NDArray[np.float32]


def step(store: Store) -> int:
    """Find the neighbours of the next items; how many items those were."""
    with store.reading() as session:
        after = subjects.done(session)
        numbers = subjects.next_items(session, after, AT_ONCE)
        found = _neighbours(session, arrivals.meant_among(session, numbers)) if numbers else []
    if not numbers:
        return 0
    with store.writing() as session:
        locks.in_turn(store, session)  # two archivists work at the same items for once, and then not again
        if subjects.done(session) == after:
            subjects.keep(session, found, done=max(numbers), now=store.now(session))
            arrivals.forget_old(session)
    return len(numbers)


def _neighbours(session: Session, items: Sequence[Meant]) -> list[Subject]:
    """Those that arrived before each of the items, by nearness."""
    if not items:
        return []
    times = [each.sort_at for each in items]
    others = [
        each
        for each in arrivals.meant_between(session, min(times) - NEAR, max(times) + NEAR)
        if each.text and each.version == items[0].version
    ]
    best: dict[int, list[Subject]] = {each.item: [] for each in items}
    less: dict[int, list[Subject]] = {each.item: [] for each in items}
    for start in range(0, len(others), _CHUNK):
        some = others[start : start + _CHUNK]
        title, text = (_cosines(items, some, side) for side in ("title", "text"))
        for at, each in enumerate(items):
            for other, subject in _near(each, some, title[at], text[at]):
                if subject.near >= (WITHIN if each.language == other.language else ACROSS):
                    best[each.item].append(subject)
                elif other.source != each.source and abs(other.sort_at - each.sort_at) <= LATELY:
                    less[each.item].append(subject)
            less[each.item] = _nearest(less[each.item], JUDGED)
    found = [subject for near in best.values() for subject in _nearest(near, MOST)]
    vectors = {each.item: each for each in (*items, *others)}
    return [*found, *_by_names(session, [each for few in less.values() for each in few], vectors)]


def _nearest(some: Sequence[Subject], most: int) -> list[Subject]:
    return sorted(some, key=lambda each: (-each.near, each.other))[:most]


def _near(item: Meant, others: Sequence[Meant], title: Floats, text: Floats) -> Iterator[tuple[Meant, Subject]]:
    if not item.text:
        return
    for at in np.flatnonzero(title + text >= 2 * FLOOR):
        other = others[int(at)]
        if abs(other.sort_at - item.sort_at) <= NEAR and other.item < item.item:
            yield other, Subject(item.item, other.item, float(title[at]), float(text[at]))


def _by_names(session: Session, pairs: Sequence[Subject], vectors: Mapping[int, Meant]) -> Iterator[Subject]:
    """Those of the pairs that the model is sure of. Numbers alone prove little: both must name something."""
    told = sorted({item for pair in pairs for item in (pair.item, pair.other)})
    reports = dict(_reports(session, told))
    for pair in pairs:
        one, other = vectors[pair.item], vectors[pair.other]
        crossed = max(_cosine(one.title, other.text), _cosine(one.text, other.title))
        near = Nearness(pair.title, pair.text, crossed)
        said = judge(reports[pair.item], reports[pair.other], near)
        if said.score >= SURE and said.names:
            yield pair


def _reports(session: Session, items: Sequence[int]) -> Iterator[tuple[int, Report]]:
    columns = [col(getattr(ItemRow, name)) for name in ("id", "language", "title", "summary", "text")]
    for start in range(0, len(items), AT_ONCE):
        some = select(*columns).where(col(ItemRow.id).in_(items[start : start + AT_ONCE]))
        for item, language, title, summary, text in session.execute(some):
            yield item, report(language, title, body_of(summary, text))


def _cosine(one: bytes, other: bytes) -> float:
    return float(unpacked(one) @ unpacked(other))


def _cosines(items: Sequence[Meant], others: Sequence[Meant], side: str) -> Floats:
    one, other = (
        np.array([unpacked(getattr(each, side)) if each.text else _NOTHING for each in some])
        for some in (items, others)
    )
    cosines: Floats = one @ other.T
    return cosines


_NOTHING: Final = np.zeros(512, np.float32)
