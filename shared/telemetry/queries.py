"""The questions to the store behind the facts, each a few rows however large the archive is."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Executable
from sqlmodel import Session, and_, case, col, func, or_, select

from shared.archive.tables import ItemRow
from shared.sources.refusals import restored
from shared.sources.store import held_counts, is_off
from shared.sources.tables import SourceRow
from shared.subscriptions.elsewhere.tables import WebhookRow
from shared.subscriptions.tables import DeliveryRow, MatchRow, SubscriptionRow
from shared.subscriptions.words import Blame, Every, Kind, State
from shared.telemetry.facts import Deferred, Failed, Overdue, Paused, Watched
from shared.telemetry.health import HeartbeatRow
from shared.telemetry.notices import NoticeRow

AT_ONCE: Final = timedelta(minutes=10)  # that an instant mail, a confirmation, a word to operators may be late
A_DIGEST: Final = timedelta(minutes=60)
A_WEEK: Final = timedelta(days=7)
SKEW: Final = timedelta(minutes=2)  # that the clocks of two machines may differ
STAMPS: Final[Mapping[str, Any]] = {
    "heartbeats": HeartbeatRow.alive_at,
    "the last visit to a source": SourceRow.last_fetch,
    "the last success of a source": SourceRow.last_success,
    "the first sight of an item": ItemRow.first_seen,
    "a mail": DeliveryRow.created_at,
    "a subscription": SubscriptionRow.confirmed_at,
    "a notice": NoticeRow.since,
}


def watched(session: Session) -> tuple[Watched, ...]:
    """The sources that are on, by id."""
    held = held_counts(session)
    rows = session.exec(select(SourceRow).order_by(col(SourceRow.id))).all()
    return tuple(
        Watched(
            id=row.id,
            state=row.state,
            errors=row.errors_in_row,
            error=row.last_error or "",
            asked=row.polls > 0,
            succeeded=row.first_success is not None,
            assumed=row.assumed,
            held=held.get(row.id, 0),
            refused=len(refused := restored(row.refusals).mails),
            refusal=refused[0].why if refused else "",
            undated=row.date_problem is not None,
        )
        for row in rows
        if not is_off(row)
    )


def unsent(session: Session, now: datetime) -> tuple[Overdue, ...]:
    """Deliveries that should have left: pending, or in the hands of a sender whose claim is over.

    One that was refused is due since it was made, while it is tried again too, but where only its mailbox refuses.
    """
    refused = col(DeliveryRow.blame).in_((Blame.MAIL, Blame.US, Blame.WORLD))
    open_ = col(DeliveryRow.state).in_((State.PENDING, State.SENDING))  # a range of the index; most are sent
    pending, left = col(DeliveryRow.state) == State.PENDING, col(DeliveryRow.claimed_until) <= now
    waits = and_(open_, or_(pending, left, refused))
    due: ColumnElement[Any] = case((refused, col(DeliveryRow.created_at)), else_=col(DeliveryRow.due_at))
    late = _late(due, col(DeliveryRow.kind) == Kind.DIGEST, now)
    found = select(DeliveryRow.kind, func.count(), func.min(due)).where(waits, late)
    return _overdue(session, found.group_by(DeliveryRow.kind))


def deferred(session: Session, now: datetime) -> Deferred | None:
    """Mails that their mailboxes have refused for longer than any greylist, and for now only."""
    refused = (
        DeliveryRow.state == State.PENDING,
        DeliveryRow.blame == Blame.MAILBOX,
        col(DeliveryRow.created_at) <= now - A_DIGEST,
    )
    reader = func.coalesce(DeliveryRow.person, DeliveryRow.recipient)
    counted = select(func.count(reader.distinct()), func.min(DeliveryRow.created_at))
    people, since = session.execute(counted.where(*refused)).one()
    last = select(DeliveryRow.error).where(*refused).order_by(col(DeliveryRow.due_at).desc()).limit(1)
    return Deferred(people, since, session.exec(last).first() or "") if since else None


def unmade(session: Session, now: datetime) -> tuple[Overdue, ...]:
    """Matches whose delivery should be in the ledger."""
    late = _late(col(MatchRow.due_at), col(MatchRow.every) != Every.INSTANT, now)
    found = select(MatchRow.every, func.count(), func.min(MatchRow.due_at))
    return _overdue(session, found.where(col(MatchRow.delivery_id).is_(None), late).group_by(MatchRow.every))


def last_sent(session: Session) -> datetime | None:
    """When the relay last took a mail."""
    return session.exec(select(func.max(DeliveryRow.sent_at))).one()


def failed(session: Session, now: datetime) -> tuple[Failed, ...]:
    """What failed, not counting what had nothing to say any more. A dead mailbox is told for a week."""
    of_mailbox = col(DeliveryRow.blame) == Blame.MAILBOX
    others = ~of_mailbox & (col(DeliveryRow.blame) != Blame.NOBODY)
    week = of_mailbox & (col(DeliveryRow.due_at) > now - A_WEEK)
    found = ((True, _failed(session, week)), (False, _failed(session, others)))
    return tuple(Failed(mailbox, *counted) for mailbox, counted in found if counted[0])


def _failed(session: Session, which: Any) -> tuple[int, int, str, datetime | None]:
    over = col(DeliveryRow.state) == State.FAILED
    number = func.count(), func.count(col(DeliveryRow.person).distinct())
    first = func.min(DeliveryRow.created_at)
    counted, people, since = session.execute(select(*number, first).where(over, which)).one()
    last = select(DeliveryRow.error).where(over, which).order_by(col(DeliveryRow.due_at).desc()).limit(1)
    return counted, people, session.exec(last).first() or "", since


def paused(session: Session, now: datetime) -> Paused | None:
    """Webhooks that were paused within a week; afterwards it is their readers' matter."""
    of_late = col(WebhookRow.ended_at).is_(None), col(WebhookRow.paused_at) > now - A_WEEK
    found = select(func.count(), func.min(WebhookRow.paused_at)).where(*of_late)
    number, since = session.execute(found).one()
    last = select(WebhookRow.said).where(*of_late).order_by(col(WebhookRow.paused_at).desc()).limit(1)
    return Paused(number, since, session.exec(last).first() or "") if number else None


def future(session: Session, now: datetime) -> Mapping[str, datetime]:
    """What bears a time that has not come yet -> the latest such time."""
    latest = {what: session.exec(select(func.max(stamp))).one() for what, stamp in STAMPS.items()}
    return {what: at for what, at in latest.items() if at is not None and at > now + SKEW}


def _late(due_at: Any, digest: Any, now: datetime) -> Any:
    return or_(due_at <= now - A_DIGEST, ~digest & (due_at <= now - AT_ONCE))


def _overdue(session: Session, counted: Executable) -> tuple[Overdue, ...]:
    return tuple(Overdue(kind, number, since) for kind, number, since in session.execute(counted).all())
