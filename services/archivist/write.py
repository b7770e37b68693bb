"""Takes classified items into the archive and says, for every live event, what the archive holds of the item now.

What the words of a batch say is worked out first, and what lies near in the store. The items are then written
beside other archivists; what everybody who touches stories waits for comes at the end of the transaction.
Nothing is published inside it. The loop publishes what `handler` returns and commits the offsets after that, so
that a death in between repeats the batch, which changes nothing and publishes again.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Final

from sqlmodel import Session

from services.archivist import spiking
from services.archivist.grouping import Grouping, Step, remember_keys
from services.archivist.incoming import Incoming, incoming
from services.archivist.neighbourhood import Neighbourhood
from services.archivist.window import Window
from shared.archive import locks
from shared.archive.holdings import Holding, load
from shared.archive.rows import number
from shared.archive.shelf import Change, Shelf
from shared.bus import ARCHIVED, Message, Outcome, Record
from shared.bus.consume import Handler
from shared.events import encode
from shared.items import CALENDAR, ArchivedItem, Purpose
from shared.store import Store

log = logging.getLogger(__name__)

STAGE: Final = "archivist"
_REGROUPED: Final = frozenset({Change.NEW, Change.REVISED, Change.RESTATED})


def handler(store: Store, zone: tzinfo = CALENDAR) -> Handler:
    """What the archivist's loop calls with each batch. `zone` is that of the calendar of days."""
    window, spikes = Window(), spiking.Known()

    def handle(records: Sequence[Record]) -> Outcome:
        batch = [incoming(record) for record in records]
        around = Neighbourhood(batch, window)
        _prepare(store, batch, around)
        with store.writing() as session:
            locks.beside(store, session, {event.item.item_id for event in batch})
            now = store.now(session)
            held = take_over(session, batch, now, zone, around, lambda: locks.in_turn(store, session))
        live = [(event, one) for event, one in zip(batch, held, strict=True) if event.purpose is Purpose.LIVE]
        spiking.find(store, [one for _, one in live if one is not None], now, zone, spikes)
        told = [(ARCHIVED, _message(one.state(), event.record, now)) for event, one in live if one is not None]
        return Outcome(publish=tuple(told))

    return handle


def take_over(
    session: Session,
    batch: Sequence[Incoming],
    now: datetime,
    zone: tzinfo = CALENDAR,
    around: Neighbourhood | None = None,
    in_turn: Callable[[], None] = lambda: None,
) -> Sequence[Holding | None]:
    """Write what the events say, one after the other, and then find the items' stories.

    `around` looked around before, where somebody did; `in_turn` takes the stories' lock, where the caller does not
    write alone. Returns for each event what the archive holds of its item
    after all of them.
    """
    if around is None:
        around = Neighbourhood(batch, Window())
        around.look(session, now)
    coming = {event.item.item_id for event in batch}
    shelf = Shelf(session, load(session, coming), zone, coming)
    held: list[Holding | None] = []
    steps = []
    for at, event in enumerate(batch):
        written = shelf.write(event.classified, event.purpose, now, event.words)
        one = written.holding
        if one is not None and written.changes & _REGROUPED:
            steps.append(Step(at, one, event, Change.NEW in written.changes, one.row.sort_at))
        held.append(one)
        _log(event, written.changes)
    shelf.write_back(count=False)
    if steps:
        remember_keys(session, steps)
        around.hear(session)
        in_turn()
        _group(session, around, steps, now)
    shelf.count()
    return held


def _group(session: Session, around: Neighbourhood, steps: Sequence[Step], now: datetime) -> None:
    around.look_again(session, now, frozenset(number(step.holding.row) for step in steps))
    grouping = Grouping(session, around, steps, now)
    for step in steps:
        grouping.group(step)
    grouping.write_back()


def _prepare(store: Store, batch: Sequence[Incoming], around: Neighbourhood) -> None:
    """Read the words that the archive does not have yet, and look around, before anybody has to wait for it."""
    with store.reading() as session:
        around.look(session, store.now(session))
    for event in batch:
        row = around.known.get(event.item.item_id)
        said = event.item.content_hash, event.classified.verdict.language
        if row is None or said != (row.content_hash, row.language):
            event.prepare()


def _message(state: ArchivedItem, record: Record, now: datetime) -> Message:
    return encode(state, purpose=Purpose.LIVE, stage=STAGE, now=now, parent=record.message.headers)


def _log(event: Incoming, changes: frozenset[Change]) -> None:
    outcome = "+".join(sorted(changes)) or "unchanged"
    log.debug("archived", extra={"item": event.item.item_id, "purpose": event.purpose.value, "outcome": outcome})
