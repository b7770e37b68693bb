"""Brings the sources table in line with the catalogue, once at every start of a collector.

What an operator added stays. What left the catalogue is switched off with the reason, never deleted: its seen-set
must survive the day on which the file comes back.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from shared.sources.catalogue import Kind, SourceConfig
from shared.sources.store import CATALOGUE, configure, is_off
from shared.sources.tables import SourceRow
from shared.store import Store
from shared.watched.rules import Why
from shared.watched.spans import note_break

REMOVED: Final = "no longer in the sources file"
MAILBOX: Final = "mailboxes are not collected by this version"
LOCK: Final = "sources"
OFF: Final = "switched off in the sources file"


def sync_catalogue(store: Store, sources: Sequence[SourceConfig]) -> None:
    """Write the catalogue into the table. A source that is new, or on again, is due at once."""
    with store.writing() as session:
        store.serialise(session, LOCK)  # two that start at once would both insert what is new
        _write(session, sources, store.now(session))


def _write(session: Session, sources: Sequence[SourceConfig], now: datetime) -> None:
    rows = {row.id: row for row in session.exec(select(SourceRow))}
    on = {id_ for id_, row in rows.items() if not is_off(row)}
    for config in sources:
        row = rows.pop(config.id, None) or SourceRow(id=config.id, url=config.url)
        _apply(row, config, now)
        session.add(row)
    for row in rows.values():
        if row.origin == CATALOGUE:
            row.enabled, row.off_reason, row.resumed = False, REMOVED, False
            session.add(row)
    for row in session.exec(select(SourceRow).where(col(SourceRow.id).in_(on))):
        if is_off(row):
            note_break(session, row.id, Why.PAUSED, row.off_reason)


def _apply(row: SourceRow, config: SourceConfig, now: datetime) -> None:
    was_on = row.enabled and row.next_due is not None
    before = row.url
    configure(row, config)
    moved = row.url != before
    row.origin = CATALOGUE
    row.enabled = config.kind is not Kind.MAILBOX and (config.enabled or row.resumed)
    if not row.enabled:
        row.off_reason = MAILBOX if config.kind is Kind.MAILBOX else config.off_reason or config.note or OFF
    elif not row.paused:
        row.off_reason = ""
        if moved or not was_on:
            row.next_due = now
