"""Brings the sources table in line with the catalogue, once at every start of a collector.

What an operator added stays. What left the catalogue is switched off with the reason, never deleted: its seen-set
must survive the day on which the file comes back.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from shared.sources.catalogue import Kind, SourceConfig
from shared.sources.routes import routed
from shared.sources.store import CATALOGUE, configure, is_off
from shared.sources.tables import SourceRow
from shared.store import Store
from shared.watched.rules import Why
from shared.watched.spans import note_break

REMOVED: Final = "no longer in the sources file"
WAITS: Final = (
    "waits for a mailbox: subscribe one of yours to this newsletter ({page}), confirm that by hand, and name it "
    "{account!r} in VIGIE_MAILBOXES"
)
LOCK: Final = "sources"
OFF: Final = "switched off in the sources file"


def sync_catalogue(store: Store, sources: Sequence[SourceConfig], mailboxes: Collection[str] = ()) -> None:
    """Write the catalogue into the table. A source that is new, or on again, is due at once.

    `mailboxes` are the names of those that are set: a newsletter whose mailbox is not among them is off.
    """
    with store.writing() as session:
        store.serialise(session, LOCK)  # two that start at once would both insert what is new
        _write(session, sources, mailboxes, store.now(session))


def _write(session: Session, sources: Sequence[SourceConfig], mailboxes: Collection[str], now: datetime) -> None:
    rows = {row.id: row for row in session.exec(select(SourceRow))}
    on = {id_ for id_, row in rows.items() if not is_off(row)}
    for config in sources:
        row = rows.pop(config.id, None) or SourceRow(id=config.id, url=config.url)
        _apply(row, config, _lacks_mailbox(routed(config, row.route), mailboxes), now)
        session.add(row)
    for row in rows.values():
        if row.origin == CATALOGUE:
            row.enabled, row.off_reason, row.resumed = False, REMOVED, False
            session.add(row)
    for row in session.exec(select(SourceRow).where(col(SourceRow.id).in_(on))):
        if is_off(row):
            note_break(session, row.id, Why.PAUSED, row.off_reason)


def _lacks_mailbox(config: SourceConfig, mailboxes: Collection[str]) -> str:
    """What is missing before a newsletter can be read; empty where nothing is."""
    if config.kind is not Kind.MAILBOX or config.mailbox is None or config.mailbox.account in mailboxes:
        return ""
    return WAITS.format(page=config.url, account=config.mailbox.account)


def _apply(row: SourceRow, config: SourceConfig, lacks: str, now: datetime) -> None:
    was_on = row.enabled and row.next_due is not None
    before = row.url
    configure(row, config)
    moved = row.url != before
    row.origin = CATALOGUE
    wanted = config.enabled or row.resumed
    row.enabled = wanted and not lacks
    if not row.enabled:
        row.off_reason = lacks if wanted else config.off_reason or config.note or OFF
    elif not row.paused:
        row.off_reason = ""
        if moved or not was_on:
            row.next_due = now
