"""What people do for themselves, from a link that was mailed to them: it opens once, for an hour.

A mail that is forwarded must not show what else its reader has, nor end it. So the links in mails open their own
subscription alone; everything else begins with a mail that somebody asks for by their address.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, delete, select

from shared.errors import BadLink, NotFound
from shared.store.upsert import insert_new
from shared.subscriptions import lifecycle
from shared.subscriptions.addresses import mailbox, normalise
from shared.subscriptions.elsewhere import ways
from shared.subscriptions.keys import Keys
from shared.subscriptions.ledger import enqueue_own
from shared.subscriptions.links import Purpose, fingerprint, sign, verify
from shared.subscriptions.rows import shown
from shared.subscriptions.subscription import Subscription
from shared.subscriptions.tables import DeliveryRow, GroupRow, PersonRow, SubscriptionRow, UsedLinkRow
from shared.subscriptions.words import Kind

HOLDS: Final = timedelta(days=1)  # the link of a mail that somebody asked for
OPENED: Final = timedelta(hours=1)  # what it opens
BACK_WITHIN: Final = timedelta(days=7)  # the way back, after somebody left: whoever has the mail may take it
KEPT: Final = max(HOLDS, BACK_WITHIN)
MAILS: Final = 3  # of these, to a mailbox in a day
DAY: Final = timedelta(days=1)
ALL: Final = "left all"


def ask_for_links(session: Session, address: str, now: datetime, language: str) -> None:
    """Mail the link to all that somebody has; to who has nothing, nothing. Raises BadAddress."""
    normal = normalise(address)
    person = session.exec(select(PersonRow).where(PersonRow.address == normal)).first()
    if person is not None:
        mail_links(session, person, now, language)


def mail_links(session: Session, person: PersonRow, now: datetime, language: str) -> None:
    """The same to somebody known, as often a day as is no burden."""
    theirs = select(PersonRow.id).where(
        (col(PersonRow.id) == person.id) | (col(PersonRow.mailbox) == mailbox(person.address))
    )
    mails = select(func.count()).where(
        DeliveryRow.kind == Kind.LINKS,
        col(DeliveryRow.person).in_(theirs),
        col(DeliveryRow.created_at) > now - DAY,
    )
    if session.exec(mails).one() < MAILS and subscriptions_going_on(session, person.id):
        enqueue_own(session, Kind.LINKS, person.id, now, language=language)


def mail_links_of(session: Session, subscription: str, now: datetime, language: str) -> None:
    """The same to whose subscription it is."""
    row = session.get(SubscriptionRow, subscription)
    if row is not None:
        mail_links(session, session.get_one(PersonRow, row.person), now, language)


def mail_sample(
    session: Session, person: str, subscription: SubscriptionRow, items: Sequence[str], now: datetime
) -> bool:
    """Mail somebody these items as this subscription would: a test, and nothing that counts. False: too often."""
    mails = select(func.count()).where(
        DeliveryRow.kind == Kind.SAMPLE, DeliveryRow.person == person, col(DeliveryRow.created_at) > now - DAY
    )
    if session.exec(mails).one() >= MAILS:
        return False
    about = " ".join((subscription.id, *items))
    enqueue_own(session, Kind.SAMPLE, person, now, language=subscription.language, about=about)
    return True


def open_once(session: Session, token: str, now: datetime, *, keys: Keys) -> str:
    """Use the link of such a mail up: the token of the hour that it opens. Raises BadLink, NotFound."""
    person = looked_at(session, token, now, keys=keys)
    use(session, token, now)
    return sign(keys, Purpose.YOURS, person, now + OPENED)


def looked_at(session: Session, token: str, now: datetime, *, keys: Keys) -> str:
    """Whose link it is, without using it. Raises BadLink where it was used or is too old, NotFound."""
    person = verify(keys, Purpose.OPEN, token, now).partition("-")[0]
    if was_used(session, token):
        raise BadLink("this link was used already")
    return _known(session, person)


def was_used(session: Session, token: str) -> bool:
    return session.get(UsedLinkRow, fingerprint(token)) is not None


def use(session: Session, token: str, now: datetime) -> None:
    """A link that works once. Raises BadLink where it has."""
    if not insert_new(session, UsedLinkRow, {"fingerprint": fingerprint(token), "at": now}):
        raise BadLink("this link was used already")


def opened(session: Session, token: str, now: datetime, *, keys: Keys) -> PersonRow:
    """Whose hour it is. Raises BadLink when it is over, NotFound."""
    return session.get_one(PersonRow, _known(session, verify(keys, Purpose.YOURS, token, now)))


def theirs(session: Session, person: str, subscription: str) -> SubscriptionRow:
    """A subscription of this person. Raises NotFound for somebody else's."""
    row = session.get(SubscriptionRow, subscription)
    if row is None or row.person != person:
        raise NotFound("this subscription does not exist any more")
    return row


def leave(session: Session, person: str, subscription: str, now: datetime, *, keys: Keys) -> Subscription:
    """Somebody ends one of theirs. Raises NotFound."""
    row = theirs(session, person, subscription)
    return lifecycle.part(session, [row], now, keys=keys, reason=lifecycle.LEFT, origin="portal")[0]


def leave_all(session: Session, person: str, now: datetime, *, keys: Keys) -> tuple[Subscription, ...]:
    """Somebody ends everything, what waits for its confirmation too."""
    rows = session.exec(select(SubscriptionRow).where(SubscriptionRow.person == person)).all()
    return lifecycle.part(session, rows, now, keys=keys, reason=ALL, origin="portal")


def ended_by(session: Session, mail: str) -> Sequence[SubscriptionRow]:
    """What the mail of a leaving is about, as far as it is still over."""
    row = session.get(DeliveryRow, mail)
    if row is None or row.kind != Kind.LEFT:
        return ()
    about = select(SubscriptionRow).where(
        col(SubscriptionRow.id).in_(row.about.split()), col(SubscriptionRow.ended_at).is_not(None)
    )
    return session.exec(about.order_by(col(SubscriptionRow.requested_at), col(SubscriptionRow.id))).all()


def undoable(session: Session, token: str, now: datetime, *, keys: Keys) -> tuple[Subscription, ...]:
    """What a way back would begin again. Raises BadLink where it was used, NotFound."""
    rows = ended_by(session, verify(keys, Purpose.UNDO, token, now))
    if was_used(session, token):
        raise BadLink("this link was used already")
    if not rows:
        raise NotFound("this subscription does not exist any more")
    return tuple(map(shown, rows))


def undo(session: Session, token: str, now: datetime, *, keys: Keys) -> tuple[Subscription, ...]:
    """Begin anew what was ended, once: each as a subscription of its own, since an end is for good.

    Raises BadLink, NotFound where there is nothing to begin.
    """
    rows = ended_by(session, verify(keys, Purpose.UNDO, token, now))
    if not rows:
        raise NotFound("this subscription does not exist any more")
    use(session, token, now)
    return tuple(_again(session, row, now, keys, fingerprint(token)) for row in rows)


def _again(session: Session, row: SubscriptionRow, now: datetime, keys: Keys, token_id: str) -> Subscription:
    person = session.get_one(PersonRow, row.person)
    wish = lifecycle.wish_of(person, row)
    said = {"origin": "undo", "token_id": token_id}
    again = lifecycle.resume(session, person, wish, now, keys=keys, group=_going(session, row), **said)
    ways.hand_over(session, row.id, again.id, now)
    return again


def _going(session: Session, row: SubscriptionRow) -> str | None:
    """The group that it was of; of one that has ended by now it goes on as its reader's own."""
    group = session.get(GroupRow, row.group_name) if row.group_name else None
    return group.name if group and group.ended_at is None else None


def subscriptions_going_on(session: Session, person: str) -> Sequence[SubscriptionRow]:
    """What somebody has, confirmed or not."""
    rows = select(SubscriptionRow).where(SubscriptionRow.person == person, col(SubscriptionRow.ended_at).is_(None))
    return session.exec(rows).all()


def forget_used(session: Session, now: datetime) -> None:
    """Links that are too old anyway need not be known as used."""
    session.execute(delete(UsedLinkRow).where(col(UsedLinkRow.at) < now - KEPT))


def _known(session: Session, person: str) -> str:
    if session.get(PersonRow, person) is None:
        raise NotFound("whoever this link was for is not known any more")
    return person
