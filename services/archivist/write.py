"""Takes classified items into the archive and says, for every live event, what the archive holds of the item now.

One transaction per batch; nothing is published inside it. The loop publishes what `handler` returns and commits
the offsets after that, so that a death in between repeats the batch, which changes nothing and publishes again.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session

from services.archivist.stories import LOOK_BACK, Piece, keys, same_story
from shared.archive import rows, stories
from shared.archive import store as archive
from shared.archive.store import Change
from shared.archive.tables import ItemRow
from shared.bus import ARCHIVED, Message, Outcome, Record
from shared.bus.consume import Handler
from shared.events import decode, encode
from shared.items import ArchivedItem, ClassifiedItem, Purpose
from shared.store import Store

log = logging.getLogger(__name__)

STAGE: Final = "archivist"
_REGROUPED: Final = frozenset({Change.NEW, Change.REVISED, Change.RESTATED})


def handler(store: Store) -> Handler:
    """What the archivist's loop calls with each batch."""

    def handle(batch: Sequence[Record]) -> Outcome:
        decoded = [(record, *decode(record, ClassifiedItem)) for record in batch]
        publish: list[tuple[str, Message]] = []
        with store.writing() as session:
            store.serialise(session, stories.LOCK)
            now = store.now(session)
            for record, classified, purpose in decoded:
                row = take_over(session, classified, purpose, now)
                if purpose is Purpose.LIVE and row is not None:
                    state = archive.state_of(session, row)
                    publish.append((ARCHIVED, _message(state, record, now)))
        return Outcome(publish=tuple(publish))

    return handle


def take_over(session: Session, classified: ClassifiedItem, purpose: Purpose, now: datetime) -> ItemRow | None:
    """Write what the event says, and find the item's story. Call it under the stories' lock."""
    written = archive.write(session, classified, purpose, now)
    if written.row is not None and written.changes & _REGROUPED:
        _group(session, written.row, is_new=Change.NEW in written.changes, now=now)
    outcome = "+".join(sorted(written.changes)) or "unchanged"
    log.debug("archived", extra={"item": classified.item.item_id, "purpose": purpose.value, "outcome": outcome})
    return written.row


def _group(session: Session, row: ItemRow, *, is_new: bool, now: datetime) -> None:
    """A new item joins the story it belongs to. A known one may show that stories are the same."""
    assert row.id is not None  # flushed
    piece = Piece.of(rows.collected_of(row))
    found = keys(piece)
    near = stories.candidates(session, found, at=row.sort_at, within=LOOK_BACK, besides=row.id)
    roots = {each.story for each in near if same_story(piece, Piece.of(each.item))}
    if is_new and roots:
        stories.assign(session, row.item_id, stories.merge(session, roots, now))
    elif roots:
        stories.merge(session, roots | {stories.root_story(session, row.story)}, now)
    stories.remember_keys(session, row.id, found, row.sort_at)


def _message(state: ArchivedItem, record: Record, now: datetime) -> Message:
    return encode(state, purpose=Purpose.LIVE, stage=STAGE, now=now, parent=record.message.headers)
