"""The store door of watching: proofs in, spans out. One row a source; a span is written only when one ends."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, or_, update
from sqlmodel import Session, col, select

from shared.shown_url import text_without_secrets
from shared.store.upsert import insert_new
from shared.watched.cover import Gap
from shared.watched.rules import Proof, Span, Watch, Why, broken, broken_for_good, proven
from shared.watched.tables import GapRow, SpanRow, WatchRow

KEPT: Final = timedelta(days=800)  # how long a span is remembered: two years, and the year that begins with them
LONGEST: Final = 300  # characters of an error


def note_proof(session: Session, source: str, proof: Proof) -> None:
    """Extend the watch over the source, or begin a new one where the proof does not reach back to the last."""
    row = session.get(WatchRow, source)
    watch, over = proven(_watch(row) if row else None, proof)
    _write(session, source, row, watch)
    if over is not None:
        session.add(_row(source, over))
        old = delete(SpanRow).where(col(SpanRow.source) == source, col(SpanRow.until) < proof.asked - KEPT)
        session.execute(old)
        session.execute(delete(GapRow).where(col(GapRow.until) < proof.asked - KEPT))


def note_break(session: Session, source: str, why: Why, words: str = "") -> None:
    """A poll proved nothing, or there will be none. Without a watch there is nothing to break."""
    row = session.get(WatchRow, source)
    if row is not None and row.why is None:
        said = text_without_secrets(words)[:LONGEST]
        _write(session, source, row, broken(_watch(row), why, said))


def note_restore(session: Session) -> None:
    """The store is an older one: what it says of watching ends where it stands."""
    for row in session.exec(select(WatchRow)).all():
        _write(session, row.source, row, broken_for_good(_watch(row), Why.RESTORED))


def watches(session: Session) -> Mapping[str, Watch]:
    """Source -> the present watch over it."""
    return {row.source: _watch(row) for row in session.exec(select(WatchRow)).all()}


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


def _watch(row: WatchRow) -> Watch:
    why = Why(row.why) if row.why else None
    return Watch(row.began, row.until, row.due, row.address, tuple(row.seen), why, row.words)


def _write(session: Session, source: str, row: WatchRow | None, watch: Watch) -> None:
    values = {
        "began": watch.began,
        "until": watch.until,
        "due": watch.due,
        "address": watch.address,
        "seen": list(watch.seen),
        "why": watch.why.value if watch.why else None,
        "words": watch.words,
    }
    if row is None:
        insert_new(session, WatchRow, {"source": source, **values})
        return
    changed = {name: value for name, value in values.items() if value != getattr(row, name)}
    if changed:
        this = update(WatchRow).where(col(WatchRow.source) == source)
        session.execute(this.values(**changed).execution_options(synchronize_session=False))


def _row(source: str, span: Span) -> SpanRow:
    return SpanRow(source=source, began=span.began, until=span.until, why=span.why.value, words=span.words)
