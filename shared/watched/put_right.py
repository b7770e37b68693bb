"""What becomes of the spans when the clock that gave them is put back.

Nothing can have been watched in a time that is still to come: spans end now. If the clock had been right before
and has fallen behind, times come again that were not watched when they came first: those gaps are kept. If it had
been ahead, the time that it left out is a gap, and so is the time to the next proof.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from shared.moments import SLACK
from shared.watched.rules import Why
from shared.watched.tables import GapRow, SpanRow, WatchRow


def put_right(session: Session, now: datetime, by: timedelta) -> None:
    """Put right what lies in the future of `now`; the clock went back `by` so much."""
    for watch in session.exec(select(WatchRow).where(col(WatchRow.until) > now + SLACK)).all():
        spans = session.exec(select(SpanRow).where(SpanRow.source == watch.source).order_by(col(SpanRow.id))).all()
        session.add_all(_that_come_again(watch, spans, now, now + by))
        _cut(session, watch, spans, now)


def _that_come_again(
    watch: WatchRow, spans: Sequence[SpanRow], now: datetime, latest: datetime
) -> Iterator[GapRow]:
    """The gaps that lie wholly in what is to come again."""
    begins = (*(span.began for span in spans), watch.began)
    found = [(span.until, begin, span.why, span.words) for span, begin in zip(spans, begins[1:], strict=True)]
    if watch.why is not None:
        found.append((watch.until, latest, watch.why, watch.words))
    for began, until, why, words in found:
        if now < began < until:
            yield GapRow(source=watch.source, began=began, until=until, why=why, words=words)


def _cut(session: Session, watch: WatchRow, spans: Sequence[SpanRow], now: datetime) -> None:
    future = [span.id for span in spans if span.began > now]
    session.execute(delete(SpanRow).where(col(SpanRow.id).in_(future)))
    last = [span for span in spans if span.began <= now][-1:]
    if watch.began > now:  # what began since the clock went wrong, or before it comes again
        for span in last:
            of_last = update(SpanRow).where(col(SpanRow.id) == span.id)
            session.execute(of_last.values(until=min(span.until, now), why=Why.CLOCK.value, words=""))
    this = update(WatchRow).where(col(WatchRow.source) == watch.source)
    ends = {"began": min(watch.began, now), "until": now, "due": now, "why": Why.CLOCK.value, "words": ""}
    session.execute(this.values(**ends))
