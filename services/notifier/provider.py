"""A mailbox that is said not to exist, or a provider that says so of everybody.

Some providers answer 5.1.1 for all of their mailboxes when they will not have our mail, or are ill themselves. So
what suspends a reader at once is looked at beside what the same provider said of others within minutes: where it
refused many alike, and took hardly any, it is about us or about it. Nobody is suspended for that, and who was is
not any more. Each such day counts as any mail that came back: where it lasts, they are suspended in the end.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from shared.subscriptions.suspensions import bounced, undo
from shared.subscriptions.tables import BounceRow, DeliveryRow, PersonRow
from shared.subscriptions.words import State
from shared.telemetry.facts import Weight
from shared.telemetry.notices import raise_notice
from shared.telemetry.told import told

MANY: Final = 5  # different recipients of one provider
WITHIN: Final = timedelta(minutes=15)
AGAIN: Final = timedelta(hours=4)  # until what it refused is tried once more
REFUSED: Final = "bounces.refused"


def came_back(
    session: Session,
    person: str,
    now: datetime,
    *,
    delivery: str,
    permanent: bool,
    sent: datetime | None = None,
    **said: Any,
) -> bool:
    """A mail to `person` came back, as of `suspensions.bounced`. True where it suspends them."""
    about = {"delivery": delivery, "sent": sent, **said}
    suspended = bounced(session, person, now, permanent=permanent, **about)
    if not permanent:
        return suspended
    alike = _alike(session, person, said["code"], sent or now)
    if not alike:
        return suspended
    still = _of_provider(session, alike.values(), now, said)
    domain = session.get_one(PersonRow, person).address.rpartition("@")[2]
    reason = told("bounces.alike", domain=domain, n=len(alike), said=str(said["reason"]))
    raise_notice(session, REFUSED, Weight.WARNING, reason, now)
    return person in still


def _of_provider(
    session: Session, alike: Iterable[BounceRow], now: datetime, said: Mapping[str, Any]
) -> Collection[str]:
    """These were about no mailbox. The people whom such days suspend all the same, since there were enough."""
    rows = [(row.delivery, row.person, row.at, row.reason) for row in alike]
    ids = [delivery for delivery, *_ in rows]
    undo(session, ids, now, keys=said["keys"], origin=said["origin"])
    never_left = col(DeliveryRow.state) == State.FAILED, col(DeliveryRow.sent_at).is_(None)
    failed = update(DeliveryRow).where(col(DeliveryRow.id).in_(ids), *never_left)
    session.execute(failed.values(state=State.PENDING, due_at=now + AGAIN))
    suspended = set()
    for delivery, person, at, reason in rows:
        again = {**said, "delivery": delivery, "reason": reason, "sent": at}
        if bounced(session, person, now, permanent=False, **again):
            suspended.add(person)
    return suspended


def _alike(session: Session, person: str, code: str, at: datetime) -> Mapping[str, BounceRow]:
    """Delivery -> what came back of many of one provider in the same words; empty where it is about mailboxes."""
    row = session.get(PersonRow, person)
    if row is None or not code:
        return {}
    theirs = col(PersonRow.address).like(f"%@{row.address.rpartition('@')[2]}")
    around = at - WITHIN, at + WITHIN
    of_provider = select(BounceRow).join(PersonRow, col(PersonRow.id) == col(BounceRow.person)).where(theirs)
    found = session.exec(of_provider.where(BounceRow.code == code, col(BounceRow.at).between(*around))).all()
    people = {each.person for each in found}
    if len(people) < MANY:
        return {}
    taken = (
        select(func.count(func.distinct(col(DeliveryRow.person))))
        .join(PersonRow, col(PersonRow.id) == col(DeliveryRow.person))
        .where(
            theirs,
            DeliveryRow.state == State.SENT,
            col(DeliveryRow.sent_at).between(*around),
            col(DeliveryRow.person).not_in(people),
        )
    )
    return {each.delivery: each for each in found} if session.exec(taken).one() < len(people) else {}
