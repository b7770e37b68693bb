"""The store door of watching: proofs in, spans out. One row a source; a span is written only when one ends."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, or_, update
from sqlmodel import Session, col, select

from shared.shown_url import text_without_secrets
from shared.store.upsert import upsert, upsert_all
from shared.watched.cover import Gap
from shared.watched.rules import Break, Proof, Span, Watch, Why, broken, broken_for_good, proven
from shared.watched.tables import GapRow, SpanRow, WatchRow

KEPT: Final = timedelta(days=800)  # how long a span is remembered: two years, and the year that begins with them
LONGEST: Final = 300  # characters of an error

_TABLE: Final = WatchRow.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
_MOVE: Final = (
    update(_TABLE)
    .where(_TABLE.c.source == bindparam("b_source"))
    .values(until=bindparam("b_until"), due=bindparam("b_due"))
)


def note(session: Session, found: Mapping[str, Proof | Break]) -> None:
    """What polls prove, or do not: extend the watch over each source, or begin one anew.

    Most proofs only move the end of a watch, and these are written together: it happens with every poll.
    """
    if not found:
        return
    rows = {row.source: row for row in session.execute(select(_TABLE).where(_TABLE.c.source.in_(found))).all()}
    moved: list[dict[str, object]] = []
    begun: list[dict[str, object]] = []
    for source, one in found.items():
        before = _watch(rows[source]) if source in rows else None
        watch, over = _after(before, one)
        if watch is None or watch == before:
            continue
        if before is not None and watch == replace(before, until=watch.until, due=watch.due):
            moved.append({"b_source": source, "b_until": watch.until, "b_due": watch.due})
        else:
            begun.append({"source": source, **_values(watch)})
        if over is not None:
            _forget(session, source, watch.until - KEPT)
            session.add(_row(source, over))
    upsert_all(session, WatchRow, ("source",), begun)
    if moved:
        session.connection().execute(_MOVE, moved)


def note_proof(session: Session, source: str, proof: Proof) -> None:
    """`note` for one proof."""
    note(session, {source: proof})


def note_break(session: Session, source: str, why: Why, words: str = "") -> None:
    """There will be no proof for now. Without a watch there is nothing to break."""
    note(session, {source: (why, words)})


def note_restore(session: Session) -> None:
    """The store is an older one: what it says of watching ends where it stands."""
    for row in session.execute(select(_TABLE)).all():
        watch = broken_for_good(_watch(row), Why.RESTORED)
        upsert(session, WatchRow, ("source",), {"source": row.source, **_values(watch)})


def watches(session: Session) -> Mapping[str, Watch]:
    """Source -> the present watch over it."""
    return {row.source: _watch(row) for row in session.execute(select(_TABLE)).all()}


def spans(session: Session, since: datetime) -> Mapping[str, list[Span]]:
    """Source -> the spans that were not over at `since`, and the one before them, the oldest first."""
    before = select(func.max(SpanRow.id)).where(col(SpanRow.until) < since).group_by(SpanRow.source)
    wanted = select(SpanRow).where(or_(col(SpanRow.until) >= since, col(SpanRow.id).in_(before)))
    found: dict[str, list[Span]] = {}
    for row in session.exec(wanted.order_by(col(SpanRow.until), col(SpanRow.id))).all():
        found.setdefault(row.source, []).append(Span(row.began, row.until, Why(row.why), row.words))
    return found


def known_gaps(session: Session, since: datetime, now: datetime) -> tuple[Gap, ...]:
    """Gaps besides those between spans, from `since` to `now`: times that came twice."""
    wanted = select(GapRow).where(col(GapRow.until) > since, col(GapRow.began) < now).order_by(col(GapRow.began))
    return tuple(
        Gap(row.source, max(row.began, since), min(row.until, now), Why(row.why), row.words)
        for row in session.exec(wanted).all()
    )


def _after(watch: Watch | None, one: Proof | Break) -> tuple[Watch | None, Span | None]:
    if isinstance(one, Proof):
        return proven(watch, one)
    why, words = one
    said = text_without_secrets(words)[:LONGEST]
    return broken(watch, why, said) if watch else None, None


def _forget(session: Session, source: str, until: datetime) -> None:
    """What is older than anybody asks for."""
    for table in (SpanRow, GapRow):
        session.execute(delete(table).where(col(table.source) == source, col(table.until) < until))


def _watch(row: Any) -> Watch:
    why = Why(row.why) if row.why else None
    return Watch(row.began, row.until, row.due, row.address, tuple(row.seen), why, row.words)


def _values(watch: Watch) -> dict[str, object]:
    return {
        "began": watch.began,
        "until": watch.until,
        "due": watch.due,
        "address": watch.address,
        "seen": list(watch.seen),
        "why": watch.why.value if watch.why else None,
        "words": watch.words,
    }


def _row(source: str, span: Span) -> SpanRow:
    return SpanRow(source=source, began=span.began, until=span.until, why=span.why.value, words=span.words)
