"""Notices that the bus, or the database beside it, was made anew, and puts right what can be.

Whoever deletes `bus.db`, or a topic, takes records with it that nobody had read, and the stages count on them: the
collector on having sent an entry, the archivist on having told of an item. The store remembers which logs it knew
and how far they had come, and from what it holds itself it can tell what never arrived.
"""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sqlmodel import Session

from shared.archive.store import count_current
from shared.bus import TOPICS, Bus
from shared.bus.marks import Marks, read, renewed, written
from shared.sources.store import list_sources
from shared.store import Store, memos
from shared.telemetry.facts import Weight
from shared.telemetry.lanes import READS, lanes
from shared.telemetry.notices import raise_notice
from shared.telemetry.told import Told, told

if TYPE_CHECKING:
    from services.collector.resending import Resent

log = logging.getLogger(__name__)

MEMO: Final = "bus"
RENEWED: Final = "bus.renewed"
STORE_RENEWED: Final = "store.renewed"
LOOK_EVERY: Final = 30.0  # seconds


def look_at_bus(store: Store, bus: Bus) -> None:
    """Compare the bus with the one that the store knows. Raises Unavailable."""
    with store.reading() as session:  # first: what the bus says later has come as far, at the least
        before = _before(session)
        new = before is None and _is_empty(session)
    marks = bus.marks(TOPICS)
    if before is None:
        _begin(store, marks, strange=new and _was_read(bus, marks))
    elif anew := renewed(before, marks):
        _put_right(store, bus, before, marks, anew)
    elif before != marks:
        with store.writing() as session:
            _remember(session, marks, store)


def _is_empty(session: Session) -> bool:
    """Whether nothing was ever archived or polled: the database of an earlier version knows no bus either."""
    return count_current(session) == 0 and not any(source.polls for source in list_sources(session))


def _put_right(store: Store, bus: Bus, before: Marks, marks: Marks, anew: Sequence[str]) -> None:
    from services.archivist.telling import tell_again
    from services.collector.resending import send_again

    told = tell_again(store, bus)  # first: whoever dies in between comes here again
    with store.writing() as session:
        if _before(session, lock=True) == before:  # nobody else has done it meanwhile
            resent = send_again(session, store.now(session))
            _say(session, anew, resent, told, store)
            _remember(session, marks, store)


def _before(session: Session, *, lock: bool = False) -> Marks | None:
    memo = memos.read(session, MEMO, lock=lock)
    return read(memo.text) if memo else None


def _begin(store: Store, marks: Marks, *, strange: bool) -> None:
    with store.writing() as session:
        _remember(session, marks, store)
        if strange:
            log.error("the database is new, and the bus is not")
            raise_notice(session, STORE_RENEWED, Weight.RED, told(STORE_RENEWED), store.now(session))


def _remember(session: Session, marks: Marks, store: Store) -> None:
    memos.write(session, MEMO, written(marks), store.now(session))


def _was_read(bus: Bus, marks: Marks) -> bool:
    """Whether stages of this installation have read it before."""
    read_by = [lane for stage in READS for lane in lanes(stage)]
    return any(marks[topic].end > bus.lag(topic, group) for topic, group in read_by)


def _say(session: Session, topics: Sequence[str], resent: "Resent", again: int, store: Store) -> None:
    log.error("the bus was made anew", extra={"topics": list(topics), "entries": resent.entries, "told": again})
    raise_notice(session, RENEWED, Weight.RED, _renewed(topics, resent, again), store.now(session))


def _renewed(topics: Sequence[str], resent: "Resent", again: int) -> Told:
    released = told("bus.released", n=resent.releases) if resent.releases else ""
    said = {"entries": resent.entries, "sources": resent.sources, "told": again}
    if len(topics) == len(TOPICS):
        return told("bus.renewed_whole", released=released, **said)
    return told("bus.renewed_topics", topics=", ".join(topics), released=released, **said)
