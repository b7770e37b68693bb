"""The store door of "updated" mails: to who asked for them and was mailed a story whose text really changed.

A change is looked at when it is archived, and again when its mail goes: what was put back by then mails nobody. A
person gets at most one such mail about an item in a day; what is more than a few mails an hour becomes one bundle.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from services.notifier.changed import Changed, Wording, changed
from services.notifier.digests import next_slot
from services.notifier.plan import BETWEEN_BUNDLES, HOUR
from shared.archive.wordings import Stood, standing_at, wordings
from shared.items import ArchivedItem
from shared.store import Store
from shared.subscriptions.ledger import NEXT, new_id
from shared.subscriptions.options import is_quiet
from shared.subscriptions.rows import options_of
from shared.subscriptions.tables import DeliveryRow, MatchRow, MatchSubscriptionRow, PersonRow, SubscriptionRow
from shared.subscriptions.words import Every, Kind, State

SETTLE: Final = timedelta(minutes=15)  # who corrects a text corrects it twice
LOOKED_BACK: Final = timedelta(days=3)  # for what went today and waits for tomorrow
MANY: Final = 500  # people in one condition; of more than that all are read
LONGEST: Final = timedelta(days=30)  # after a story was mailed, nobody is told of its changes any more


@dataclass(frozen=True, slots=True)
class Wish:
    """A person to be told of an item, the subscription that says so, and when a mail last told of the item."""

    person: str
    item: str
    subscription: SubscriptionRow
    told_at: datetime


def look(store: Store, items: Sequence[ArchivedItem], per_hour: int) -> None:
    """Mail whoever is to hear that these items, which were matched before, say something else now."""
    revised = [item.item_id for item in items if item.revision > 1]
    if not revised:
        return
    with store.reading() as session:
        now, news = store.now(session), News(session)
        wishes = [wish for wish in wishes_of(session, revised, now) if news.of(wish) is not None]
    by_person: dict[str, list[Wish]] = defaultdict(list)
    for wish in wishes:
        by_person[wish.person].append(wish)
    for person, theirs in by_person.items():
        with store.writing() as session:
            _enqueue(session, person, theirs, store.now(session), per_hour)


def wishes_of(session: Session, items: Sequence[str], now: datetime, person: str | None = None) -> Sequence[Wish]:
    """Who was mailed these items and wants to hear of their changes, each person and item once."""
    wanted = (
        select(MatchRow, SubscriptionRow, DeliveryRow.sent_at)
        .join(DeliveryRow, col(DeliveryRow.id) == col(MatchRow.delivery_id))
        .join(MatchSubscriptionRow, col(MatchSubscriptionRow.match_id) == col(MatchRow.id))
        .join(SubscriptionRow, col(SubscriptionRow.id) == col(MatchSubscriptionRow.subscription))
        .where(
            col(MatchRow.item_id).in_(items),
            DeliveryRow.state == State.SENT,
            col(DeliveryRow.sent_at) > now - LONGEST,
            col(SubscriptionRow.updates).is_(True),
            col(SubscriptionRow.confirmed_at).is_not(None),
            col(SubscriptionRow.ended_at).is_(None),
        )
        .order_by(col(SubscriptionRow.requested_at), col(SubscriptionRow.id))
    )
    if person is not None:
        wanted = wanted.where(MatchRow.person == person)
    rows = session.exec(wanted).all()
    again = _told_again(session, {match.person for match, _, _ in rows}, now) if rows else {}
    found: dict[tuple[str, str], Wish] = {}
    for match, subscription, sent_at in rows:
        key = match.person, match.item_id
        if key not in found:
            told_at = max(filter(None, (sent_at, again.get(key))))
            found[key] = Wish(*key, subscription, told_at)
    return tuple(found.values())


class News:
    """What is news in items since mails told of them. A change is looked for once, however many it reaches."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, Sequence[Stood]] = {}
        self._changed: dict[tuple[str, datetime], Changed | None] = {}

    def of(self, wish: Wish) -> Changed | None:
        """None where nothing is."""
        item = wish.item
        if item not in self._known:
            self._known[item] = wordings(self._session, item)
        if not self._known[item]:
            return None
        before, after = standing_at(self._known[item], wish.told_at), self._known[item][-1]
        key = item, before.since
        if key not in self._changed:
            self._changed[key] = changed(_wording(before), _wording(after)) if before is not after else None
        return self._changed[key]


def _wording(stood: Stood) -> Wording:
    return Wording(stood.title, stood.body)


def _told_again(session: Session, people: Collection[str], now: datetime) -> Mapping[tuple[str, str], datetime]:
    """(person, item) -> when a mail last said that it had changed, of these people."""
    mails = select(DeliveryRow.person, DeliveryRow.about, DeliveryRow.sent_at).where(
        DeliveryRow.kind == Kind.UPDATED,
        DeliveryRow.state == State.SENT,
        col(DeliveryRow.sent_at) > now - LONGEST,
    )
    if len(people) <= MANY:
        mails = mails.where(col(DeliveryRow.person).in_(people))
    told: dict[tuple[str, str], datetime] = {}
    for person, about, sent_at in session.exec(mails.order_by(col(DeliveryRow.sent_at))).all():
        if person is not None and sent_at is not None:
            told |= {(person, item): sent_at for item in about.split()}
    return told


def _enqueue(session: Session, person_id: str, wishes: Sequence[Wish], now: datetime, per_hour: int) -> None:
    person = session.exec(select(PersonRow).where(PersonRow.id == person_id).with_for_update()).first()
    if person is None:  # erased in the meantime
        return
    recent = select(DeliveryRow).where(
        DeliveryRow.person == person_id,
        DeliveryRow.kind == Kind.UPDATED,
        col(DeliveryRow.created_at) > now - LOOKED_BACK,
    )
    mails = list(session.exec(recent).all())
    for wish in wishes:
        about = [mail for mail in mails if wish.item in mail.about.split()]
        if any(mail.state in (State.PENDING, State.SENDING) for mail in about):
            continue  # it says what stands there when it goes
        mail = _mail(person, wish, now, _due(wish, about, now))
        if not _room(session, person_id, now, per_hour):
            bundle = next((mail for mail in mails if mail.bundle and mail.state == State.PENDING), None)
            if bundle is not None:
                bundle.about = f"{bundle.about} {wish.item}"
                continue
            mail.bundle, mail.due_at = True, max(mail.due_at, now + BETWEEN_BUNDLES)
        mails.append(mail)
        session.add(mail)
        session.flush()


def _due(wish: Wish, about: Sequence[DeliveryRow], now: datetime) -> datetime:
    """Soon; tomorrow where today's has gone; and not in quiet hours."""
    options, due_at = options_of(wish.subscription), now + SETTLE
    today = _day(now, options.zone)
    if any(
        mail.state == State.SENT and _day(mail.sent_at or mail.created_at, options.zone) == today for mail in about
    ):
        due_at = next_slot(Every.DAILY, now, options.zone, time(options.hour)).moment
        if _day(due_at, options.zone) == today:
            due_at = next_slot(Every.DAILY, due_at, options.zone, time(options.hour)).moment
    if is_quiet(options, due_at):
        return next_slot(Every.DAILY, due_at, options.zone, time(options.quiet_until or 0)).moment
    return due_at


def _room(session: Session, person: str, now: datetime, per_hour: int) -> bool:
    """Whether a mail of its own goes: like instant mails, a few an hour."""
    recent = select(func.count()).where(
        DeliveryRow.person == person,
        col(DeliveryRow.kind).in_((Kind.INSTANT, Kind.UPDATED)),
        col(DeliveryRow.bundle).is_(False),
        col(DeliveryRow.created_at) > now - HOUR,
    )
    return per_hour == 0 or session.exec(recent).one() < per_hour


def _mail(person: PersonRow, wish: Wish, now: datetime, due_at: datetime) -> DeliveryRow:
    id_ = new_id()
    return DeliveryRow(
        id=id_,
        key=f"{Kind.UPDATED}/{person.id}/{id_}",
        kind=Kind.UPDATED,
        state=State.PENDING,
        person=person.id,
        language=wish.subscription.language,
        priority=NEXT,
        about=wish.item,
        created_at=now,
        due_at=due_at,
    )


def _day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()
