"""Handing the archive's items to the classifier once more, page by page, on the lane that cannot mail."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from services.cli import handed_over
from services.cli.handed_over import HandedOver
from shared.archive.store import archived_item, count_current, current_items
from shared.bus import BULK, CLASSIFIED, COLLECTED, Bus
from shared.clock import Clock
from shared.events import encode
from shared.items import CollectedItem, Purpose
from shared.store import Store

STAGE: Final = "reclassify"
PAGE: Final = 200  # items in hand at a time; one holds at most 200 kB of text
_LANES: Final = ((COLLECTED + BULK, "classifier" + BULK), (CLASSIFIED + BULK, "archivist" + BULK))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items: first seen at `since` or later, arrived after `after`, and not judged by the model `unless` or
    without vectors of the version `meaning`."""

    since: datetime | None = None
    unless: str | None = None
    meaning: str | None = None
    after: str | None = None


def hand_over(
    store: Store, bus: Bus, clock: Clock, wanted: Wanted, done: Callable[[Sequence[CollectedItem]], None]
) -> int:
    """Publish what is wanted; `done` is told of each page that is durable. How many items they were."""
    published = 0
    for page in _pages(store, wanted):
        now = clock.now()
        messages = [encode(item, purpose=Purpose.RECLASSIFY, stage=STAGE, now=now) for item in page]
        bus.publish(COLLECTED + BULK, messages)
        published += len(page)
        done(page)
    return published


def hand_over_outdated(
    store: Store,
    bus: Bus,
    clock: Clock,
    wanted: Wanted,
    kept: Path,
    done: Callable[[Sequence[CollectedItem]], None],
) -> int:
    """The same for items of other models than `wanted.unless`, but none a second time while it may be on its way.

    `kept` remembers how far an earlier run came. Once the bulk lane is empty, what is still outdated goes again.
    """
    model, since = f"{wanted.unless} {wanted.meaning or ''}".rstrip(), wanted.since
    before = handed_over.read(kept)
    if before is not None and before.covers(model, since) and waiting(bus) and _is_there(store, before.after):
        wanted, since = replace(wanted, after=before.after), before.since

    def remember(page: Sequence[CollectedItem]) -> None:
        handed_over.write(kept, HandedOver(model, since, page[-1].item_id))
        done(page)

    return hand_over(store, bus, clock, wanted, remember)


def count(store: Store, wanted: Wanted) -> int:
    """How many items are wanted in all, whatever was handed over already."""
    with store.reading() as session:
        return count_current(
            session,
            since=wanted.since,
            unless_model=wanted.unless,
            unless_meaning=wanted.meaning,
            whole=True,
        )


def waiting(bus: Bus) -> int:
    """Records on the bulk lanes that are not yet classified, or not yet archived."""
    return sum(bus.lag(topic, group) for topic, group in _LANES)


def _pages(store: Store, wanted: Wanted) -> Iterator[Sequence[CollectedItem]]:
    """Each page in a session of its own, closed before anything is published."""
    after = wanted.after
    while True:
        with store.reading() as session:
            page = current_items(
                session,
                since=wanted.since,
                after=after,
                unless_model=wanted.unless,
                unless_meaning=wanted.meaning,
                limit=PAGE,
            )
        if not page:
            return
        yield page
        after = page[-1].item_id


def _is_there(store: Store, item_id: str) -> bool:
    """An item that was removed in between is no place to go on from."""
    with store.reading() as session:
        return archived_item(session, item_id) is not None
