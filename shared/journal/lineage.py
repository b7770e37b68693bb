"""The store's side of the journal: its name, its generation, and what it knows of restores."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from secrets import token_hex
from typing import Final

from sqlalchemy import Connection
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, or_, select, update

from shared.journal.judge import Lineage
from shared.journal.tables import CatchingUpRow, JournalRow, LineageRow
from shared.sources.tables import SourceRow
from shared.store.upsert import insert_new, upsert
from shared.subscriptions.tables import DeliveryRow
from shared.subscriptions.words import State
from shared.watched.spans import note_restore

_ROW: Final = LineageRow.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
_CATCHING_UP: Final = CatchingUpRow.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
_WAITED: Final = sql_select(_CATCHING_UP.c.source).where(_CATCHING_UP.c.until.is_(None))
_WAITING: Final = update(_CATCHING_UP).where(_CATCHING_UP.c.until.is_(None))
_COUNT: Final = update(_ROW).where(_ROW.c.id == 1).values(mails=_ROW.c.mails + 1).returning(_ROW.c.mails)


def lineage(session: Session, otherwise: str | None = None) -> Lineage:
    """What the store says of itself, in a writing session.

    One from before there were journals has no name: it takes that of the journal beside it (`otherwise`), which it
    may have begun in the meantime, or a new one.
    """
    row = _row(session)
    if not row.store:
        row.store = otherwise or token_hex(16)
        session.add(row)
        session.flush()
    sent = row.generation > 0 or _sent(session)
    return Lineage(row.store, row.generation, sent, row.mails, row.restored_at, row.marked)


def generation(session: Session) -> int:
    """The store's generation: 0 where no mail ever left."""
    return session.exec(select(LineageRow.generation)).first() or 0


def advance(session: Session) -> int:
    """The next generation, in the transaction that claims mails. Others that claim wait for its end."""
    row = update(LineageRow).where(col(LineageRow.id) == 1).values(generation=LineageRow.generation + 1)
    grown: int = session.execute(row.returning(col(LineageRow.generation))).scalar_one()
    return grown


def count(connection: Connection) -> int:
    """One more mail whose end is remembered, in the transaction that does so; how many there are."""
    counted: int = connection.execute(_COUNT).scalar_one()
    return counted


def settle(session: Session, generation: int, mails: int, restored_at: datetime | None) -> None:
    """The store and the journal agree from now on; `restored_at` where they did not."""
    values: dict[str, object] = {"generation": generation, "mails": mails, "marked": False}
    if restored_at is not None:
        values["restored_at"] = restored_at
    session.execute(update(LineageRow).where(col(LineageRow.id) == 1).values(**values))


def mark_restored(session: Session, now: datetime) -> None:
    """For `vigie restore`: what follows from a restore is done; the next notifier to look need not find out."""
    _row(session)
    values = {"restored_at": now, "marked": True}
    session.execute(update(LineageRow).where(col(LineageRow.id) == 1).values(**values))


def await_sources(session: Session) -> None:
    """From now on the next successful poll of every source is its first since the restore."""
    for source in session.exec(select(SourceRow.id)).all():
        upsert(session, CatchingUpRow, ("source",), {"source": source, "until": None})
    note_restore(session)


def caught_up(session: Session, sources: Sequence[str], now: datetime) -> None:
    """A poll of each of these sources has succeeded; their events are on the bus."""
    waited = session.connection().execute(_WAITED).scalars().all()
    if answered := sorted(set(sources).intersection(waited)):
        session.execute(_WAITING.where(_CATCHING_UP.c.source.in_(answered)).values(until=now))


def awaited(session: Session) -> int:
    """How many sources that are polled have not answered since the restore."""
    polled = (
        select(CatchingUpRow.source)
        .join(SourceRow, col(SourceRow.id) == col(CatchingUpRow.source))
        .where(col(CatchingUpRow.until).is_(None), col(SourceRow.enabled), col(SourceRow.paused).is_(False))
    )
    return len(session.exec(polled).all())


def vouch(session: Session, journal: str, now: datetime) -> None:
    """Say that this journal has just been found to agree with the store."""
    upsert(session, JournalRow, ("id",), {"id": journal, "vouched_at": now})


def vouchers(session: Session) -> Mapping[str, datetime]:
    """Journal -> when it last said so."""
    return dict(session.exec(select(JournalRow.id, JournalRow.vouched_at)).all())


def _row(session: Session) -> LineageRow:
    insert_new(session, LineageRow, {"id": 1, "store": "", "generation": 0, "mails": 0, "marked": False})
    return session.exec(select(LineageRow).with_for_update()).one()


def _sent(session: Session) -> bool:
    left = or_(col(DeliveryRow.state).in_((State.SENT, State.SENDING)), col(DeliveryRow.unknown) > 0)
    return session.exec(select(DeliveryRow.id).where(left).limit(1)).first() is not None
