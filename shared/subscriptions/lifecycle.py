"""The life of a subscription: asked for, confirmed, changed, left. Nothing else writes these rows.

Every function works in the caller's writing session and is told the time. Whatever changes what would match bumps
the subscriptions version in the same transaction, and settles the matches that have no delivery yet.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from secrets import token_hex
from typing import Final

from sqlmodel import Session, col, select

from shared.clock import rfc3339
from shared.errors import BadInput, Conflict, NotFound
from shared.store.upsert import insert_new
from shared.subscriptions import matches, open_wishes
from shared.subscriptions.addresses import mailbox
from shared.subscriptions.consent import record
from shared.subscriptions.elsewhere import ways
from shared.subscriptions.keys import Keys
from shared.subscriptions.leaving import REPLACED, sending, successor
from shared.subscriptions.ledger import enqueue_own
from shared.subscriptions.links import Purpose, confirm_token, fingerprint, leaves, verify
from shared.subscriptions.options import USUAL, Options
from shared.subscriptions.rows import choose, options_of, shown
from shared.subscriptions.subscription import Subscription
from shared.subscriptions.suspensions import adopt, lift, no_complaint, suspension_of
from shared.subscriptions.tables import PersonRow, SubscriptionRow
from shared.subscriptions.version import bump, lock
from shared.subscriptions.wishes import Wish, checked, checked_query
from shared.subscriptions.words import Consent, Every, Kind

LEFT: Final = "left by link"
MOST_SUBSCRIPTIONS: Final = 100  # of one person; each has a line in the footer of a mail that carries them all


def request(
    session: Session,
    now: datetime,
    address: str,
    query: str,
    every: str,
    language: str,
    *,
    keys: Keys,
    origin: str = "portal",
    options: Options = USUAL,
) -> None:
    """Ask for a subscription: it stays pending until the link of the confirmation mail is used.

    The answer is the same whether or not the address is known. What the person has already sends nothing, unless
    mails to them came back: then the link shows that they arrive again. Raises BadAddress, QueryError or BadInput.
    """
    wish = checked(address, query, every, language, options)
    person = _person(session, wish, now, keys)
    if not suspension_of(session, person.id) and (_has(session, person, wish) or _full(session, person)):
        return
    row = open_wishes.keep(session, person, wish, now)
    token = confirm_token(keys, row.id, now)
    record(session, keys, person, row, now, Consent.REQUESTED, origin=origin, token_id=fingerprint(token))
    open_wishes.ask(session, row, mailbox(person.address), now)


def confirm(session: Session, token: str, now: datetime, *, keys: Keys, origin: str = "portal") -> Subscription:
    """Begin the subscription of a confirmation link; doing it again changes nothing.

    An active one of the same person with the same query ends: its successor replaces it. Where mails to the person
    came back, everything goes on: this one arrived. Raises BadLink, or NotFound where it was purged or has ended.
    """
    row = _living(session, verify(keys, Purpose.CONFIRM, token, now))
    if row.confirmed_at is None:
        _begin(session, row, now, keys=keys, origin=origin, token_id=fingerprint(token))
        if row.confirmed_at == now:  # it took no other's place, whose reader knows what it brings
            row.introduce_at = now
            session.add(row)
    return shown(row)


def add_confirmed(
    session: Session,
    now: datetime,
    address: str,
    query: str,
    every: str,
    language: str,
    *,
    keys: Keys,
    origin: str = "cli",
    options: Options = USUAL,
    proof: str = "",
) -> Subscription:
    """A subscription whose consent the operator holds already; no mail is sent. It holds from `now` on.

    `proof` says where the consent is held. Adding what is active already changes nothing. Raises BadAddress,
    QueryError, BadInput, or Conflict for who called our mail unwanted.
    """
    wish = checked(address, query, every, language, options)
    person = _person(session, wish, now, keys)
    no_complaint(suspension_of(session, person.id))
    lift(session, person.id, now, keys=keys, origin=origin, reason="added by an operator")
    if existing := _has(session, person, wish):
        return shown(existing)
    if _full(session, person):
        raise BadInput(f"this person has {MOST_SUBSCRIPTIONS} subscriptions already")
    row = open_wishes.new_wish(session, person, wish, now)
    record(session, keys, person, row, now, Consent.REQUESTED, origin=origin)
    _begin(session, row, now, keys=keys, origin=origin, proof=proof)
    return shown(row)


def add_member(
    session: Session, now: datetime, wish: Wish, group: str, *, keys: Keys, origin: str, proof: str
) -> Subscription:
    """A subscription of a group, whose consent the operator holds. Raises BadInput, or Conflict where mails to the
    address came back or were unwanted: being on a list is no reason to write there again.
    """
    person = _person(session, wish, now, keys)
    if away := suspension_of(session, person.id):
        raise Conflict(f"nothing goes there: {away}. `vigie people resume` lifts it")
    if _full(session, person):
        raise BadInput(f"this person has {MOST_SUBSCRIPTIONS} subscriptions already")
    row = open_wishes.new_wish(session, person, wish, now, group=group)
    record(session, keys, person, row, now, Consent.REQUESTED, origin=origin)
    _begin(session, row, now, keys=keys, origin=origin, proof=proof)
    return shown(row)


def resume(
    session: Session,
    person: PersonRow,
    wish: Wish,
    now: datetime,
    *,
    keys: Keys,
    origin: str,
    token_id: str,
    group: str | None = None,
) -> Subscription:
    """Begin what somebody had before: a subscription of its own, unless they have it."""
    if existing := _has(session, person, wish, group):
        return shown(existing)
    row = open_wishes.new_wish(session, person, wish, now, group=group)
    _begin(session, row, now, keys=keys, origin=origin, token_id=token_id)
    return shown(row)


def change(
    session: Session,
    subscription: str,
    now: datetime,
    *,
    keys: Keys,
    query: str | None = None,
    every: str | None = None,
    language: str | None = None,
    options: Options | None = None,
    origin: str = "portal",
) -> Subscription:
    """Change a subscription. Raises NotFound, QueryError, BadInput.

    Matches that have no delivery yet follow: to the new mode and hour, or away where the query changed.
    """
    row = active(session, subscription)
    if row.group_name is not None:
        raise BadInput(f"this subscription is the group {row.group_name!r}'s: an operator changes it")
    person = session.get_one(PersonRow, row.person)
    wanted = row.query if query is None or " ".join(query.split()) == row.query else checked_query(query)
    chosen = options or options_of(row)
    asked = checked(person.address, "", every or row.every, language or row.language, chosen)
    wish, before = replace(asked, query=wanted), wish_of(person, row)
    if wish == before:
        return shown(row)
    row.query, row.every, row.language = wish.query, wish.every, wish.language
    choose(row, wish.options)
    person.language = wish.language
    session.add_all((row, person))
    if wish.query != before.query:
        matches.withdraw(session, row.id, now)
        row.confirmed_at = now  # the new query holds from now on, as a new subscription would
    else:
        matches.follow(session, row, now)
    record(session, keys, person, row, now, Consent.CHANGED, origin=origin)
    bump(session)
    return shown(row)


def leave(
    session: Session, token: str, now: datetime, *, keys: Keys, origin: str = "portal"
) -> tuple[Subscription, ...]:
    """End what a leave link is about (`leaving`), also for mails that wait already; again changes nothing.

    Raises BadLink. Where nobody is left to mail it is answered with nothing.
    """
    rows = _sending(session, token, now, keys)
    return part(session, rows, now, keys=keys, reason=LEFT, origin=origin)


def part(
    session: Session, rows: Sequence[SubscriptionRow], now: datetime, *, keys: Keys, reason: str, origin: str
) -> tuple[Subscription, ...]:
    """Their reader ends these: one mail says so to each of them, with the way back."""
    confirmed = [row for row in rows if row.ended_at is None and row.confirmed_at is not None]
    ended = end(session, rows, now, keys=keys, reason=reason, origin=origin)
    for person in sorted({row.person for row in confirmed}):
        theirs = [row for row in confirmed if row.person == person]
        about = " ".join(row.id for row in theirs)
        enqueue_own(session, Kind.LEFT, person, now, language=theirs[0].language, about=about)
    return ended


def pause(
    session: Session,
    subscription: str,
    until: datetime | None,
    now: datetime,
    *,
    keys: Keys,
    origin: str = "portal",
) -> Subscription:
    """Send nothing until then; without a moment go on at once. What is found meanwhile waits. Raises NotFound."""
    row = active(session, subscription)
    if row.paused_until == until:
        return shown(row)
    row.paused_until = until
    session.add(row)
    matches.follow(session, row, now)
    reason = f"paused until {rfc3339(until)}" if until else "no longer paused"
    record(
        session,
        keys,
        session.get_one(PersonRow, row.person),
        row,
        now,
        Consent.CHANGED,
        origin=origin,
        reason=reason,
    )
    return shown(row)


def end(
    session: Session, rows: Sequence[SubscriptionRow], now: datetime, *, keys: Keys, reason: str, origin: str
) -> tuple[Subscription, ...]:
    """End these subscriptions where they have not ended; their matches without a delivery go."""
    lock(session)
    living = [row for row in rows if row.ended_at is None]
    for row in living:
        row.ended_at, row.end_reason = now, reason
        session.add(row)
        matches.withdraw(session, row.id, now)
        person = session.get_one(PersonRow, row.person)
        record(session, keys, person, row, now, Consent.ENDED, origin=origin, reason=reason)
    if living:  # a click that is repeated must not make every matcher read all subscriptions anew
        bump(session)
    return tuple(map(shown, rows))


def subscription_for(
    session: Session, token: str, now: datetime, *, keys: Keys, purpose: Purpose
) -> tuple[Subscription, ...]:
    """What a link is about, for the page that shows it; changes nothing. Raises BadLink."""
    if purpose is Purpose.LEAVE:
        return tuple(map(shown, _sending(session, token, now, keys)))
    row = session.get(SubscriptionRow, verify(keys, purpose, token, now))
    return () if row is None else (shown(successor(session, row)),)


def subscriptions_of(session: Session, person: str) -> tuple[Subscription, ...]:
    """All subscriptions of a person, the oldest first."""
    rows = select(SubscriptionRow).where(SubscriptionRow.person == person)
    return tuple(map(shown, session.exec(rows.order_by(col(SubscriptionRow.requested_at))).all()))


def all_subscriptions(session: Session) -> Mapping[str, tuple[Subscription, ...]]:
    """Person -> their subscriptions, the oldest first."""
    rows = session.exec(select(SubscriptionRow).order_by(col(SubscriptionRow.requested_at))).all()
    found: dict[str, list[Subscription]] = defaultdict(list)
    for row in rows:
        found[row.person].append(shown(row))
    return {person: tuple(subscriptions) for person, subscriptions in found.items()}


def _begin(
    session: Session,
    row: SubscriptionRow,
    now: datetime,
    *,
    keys: Keys,
    origin: str,
    token_id: str = "",
    proof: str = "",
) -> None:
    same = select(SubscriptionRow).where(
        col(SubscriptionRow.group_name).is_not_distinct_from(row.group_name),
        SubscriptionRow.person == row.person,
        SubscriptionRow.query == row.query,
        SubscriptionRow.id != row.id,
        col(SubscriptionRow.confirmed_at).is_not(None),
        col(SubscriptionRow.ended_at).is_(None),
    )
    row.confirmed_at = now
    replaced = session.exec(same).all()
    for former in replaced:  # what is on its way to the reader comes, as the successor writes it
        matches.hand_over(session, former.id, row, now)
        ways.hand_over(session, former.id, row.id, now)
        row.confirmed_at = min(row.confirmed_at, former.confirmed_at or now)
        row.told_empty_at = row.told_empty_at or former.told_empty_at
    end(session, replaced, now, keys=keys, reason=REPLACED, origin=origin)
    lift(session, row.person, now, keys=keys, origin=origin, reason="confirmed anew")
    person = session.get_one(PersonRow, row.person)
    if row.group_name is None:
        person.language = row.language
    session.add_all((row, person))
    begun = Consent.CONFIRMED
    record(session, keys, person, row, now, begun, origin=origin, token_id=token_id, proof=proof)
    bump(session)


def _person(session: Session, wish: Wish, now: datetime, keys: Keys) -> PersonRow:
    person = PersonRow(
        id=token_hex(8),
        address=wish.address,
        mailbox=mailbox(wish.address),
        language=wish.language,
        created_at=now,
    )
    if insert_new(session, PersonRow, person.model_dump()):
        adopt(session, person, keys)
    known = session.exec(select(PersonRow).where(PersonRow.address == wish.address).with_for_update()).one()
    known.mailbox = person.mailbox
    return known


def _has(session: Session, person: PersonRow, wish: Wish, group: str | None = None) -> SubscriptionRow | None:
    same = select(SubscriptionRow).where(
        col(SubscriptionRow.group_name).is_not_distinct_from(group),
        SubscriptionRow.person == person.id,
        SubscriptionRow.query == wish.query,
        col(SubscriptionRow.confirmed_at).is_not(None),
        col(SubscriptionRow.ended_at).is_(None),
    )
    return next((row for row in session.exec(same).all() if wish_of(person, row) == wish), None)


def wish_of(person: PersonRow, row: SubscriptionRow) -> Wish:
    """The subscription as it would be asked for."""
    return Wish(person.address, row.query, Every(row.every), row.language, options_of(row))


def active_rows(session: Session, person: str) -> Sequence[SubscriptionRow]:
    """What writes to a person, the oldest first."""
    active = select(SubscriptionRow).where(
        SubscriptionRow.person == person,
        col(SubscriptionRow.confirmed_at).is_not(None),
        col(SubscriptionRow.ended_at).is_(None),
    )
    return session.exec(active.order_by(col(SubscriptionRow.requested_at), col(SubscriptionRow.id))).all()


def _full(session: Session, person: PersonRow) -> bool:
    return len(active_rows(session, person.id)) >= MOST_SUBSCRIPTIONS


def _living(session: Session, subscription: str) -> SubscriptionRow:
    row = session.get(SubscriptionRow, subscription)
    if row is None or row.ended_at is not None:
        raise NotFound("this subscription does not exist any more")
    return row


def as_it_stands(session: Session, subscription: str) -> Subscription:
    """A subscription, or what took its place. Raises NotFound where there is none any more."""
    row = session.get(SubscriptionRow, subscription)
    if row is None:
        raise NotFound("this subscription does not exist any more")
    return shown(successor(session, row))


def active(session: Session, subscription: str) -> SubscriptionRow:
    """What writes, or what took its place. Raises NotFound where it has ended or is not confirmed."""
    named = session.get(SubscriptionRow, subscription)
    row = _living(session, successor(session, named).id if named else subscription)
    if row.confirmed_at is None:
        raise NotFound("this subscription is not confirmed yet")
    return row


def _sending(session: Session, token: str, now: datetime, keys: Keys) -> Sequence[SubscriptionRow]:
    return sending(session, keys, leaves(verify(keys, Purpose.LEAVE, token, now)))
