"""Groups: an operator owns the wish, each address its own subscription with its own leave links.

Who is put into a group agreed to it elsewhere: `proof` says where the operator holds that. It does not bring back
whom mail does not reach, who complained, who left the group, or who was erased: the consent record knows them by
the keyed hash of their address. A subscription of the group is changed by the operator alone; its reader may pause
or end it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from shared.clock import rfc3339
from shared.errors import BadInput, Conflict, NotFound
from shared.subscriptions import lifecycle
from shared.subscriptions.addresses import normalise
from shared.subscriptions.keys import Keys, address_hashes
from shared.subscriptions.leaving import REPLACED
from shared.subscriptions.options import Options, Strength, checked_options
from shared.subscriptions.rows import shown
from shared.subscriptions.subscription import Subscription
from shared.subscriptions.tables import ConsentRow, GroupRow, PersonRow, SubscriptionRow
from shared.subscriptions.wishes import Wish, checked
from shared.subscriptions.words import Consent, Every

NAME: Final = re.compile(r"\w[\w .-]{0,59}")
REMOVED: Final = "taken out of the group by an operator"
ENDED: Final = "the group has ended"
_OURS: Final = (REMOVED, ENDED, REPLACED)  # ends that were not the reader's


@dataclass(frozen=True, slots=True)
class Member:
    """An address of a group, and its subscription; one that has ended says why."""

    address: str
    subscription: Subscription
    reason: str


@dataclass(frozen=True, slots=True)
class Group:
    """A group as operators see it. `active` counts the addresses that it writes to."""

    name: str
    query: str
    every: Every
    language: str
    options: Options
    made_at: datetime
    active: int
    members: tuple[Member, ...] = ()


def add(
    session: Session, now: datetime, name: str, query: str, every: str, language: str, options: Options
) -> Group:
    """A group of that name, with nobody in it. Raises QueryError, BadInput, or Conflict where there is one."""
    if not NAME.fullmatch(name):
        raise BadInput("a group's name is letters, digits, spaces, dots and dashes, 60 at most")
    row = session.get(GroupRow, name)
    if row is not None and row.ended_at is None:
        raise Conflict(f"there is a group {name!r} already")
    wish = checked("group@example.org", query, every, language, checked_options(options))
    row = row or GroupRow(name=name, query="", every="", language="", made_at=now)
    row.query, row.every, row.language = wish.query, wish.every, wish.language
    row.weekday, row.hour, row.zone = wish.options.weekday, wish.options.hour, wish.options.zone
    row.strength, row.made_at, row.ended_at = wish.options.strength, now, None
    session.add(row)
    session.flush()
    return _shown(row, 0)


def groups(session: Session) -> tuple[Group, ...]:
    """All that go on, by name, without their members."""
    counted = select(SubscriptionRow.group_name, func.count()).where(
        col(SubscriptionRow.ended_at).is_(None), col(SubscriptionRow.group_name).is_not(None)
    )
    active = dict(session.exec(counted.group_by(col(SubscriptionRow.group_name))).all())
    rows = select(GroupRow).where(col(GroupRow.ended_at).is_(None)).order_by(col(GroupRow.name))
    return tuple(_shown(row, active.get(row.name, 0)) for row in session.exec(rows).all())


def group(session: Session, name: str) -> Group:
    """A group with its members, those who left it among them, by address. Raises NotFound."""
    row = _going(session, name)
    theirs = (
        select(PersonRow.address, SubscriptionRow)
        .join(PersonRow, col(PersonRow.id) == col(SubscriptionRow.person))
        .where(SubscriptionRow.group_name == name)
        .order_by(col(PersonRow.address), col(SubscriptionRow.requested_at).desc())
    )
    latest: dict[str, Member] = {}
    for address, each in session.exec(theirs).all():
        known = latest.get(address)
        if known is None or (known.subscription.ended and each.ended_at is None):
            latest[address] = Member(address, shown(each), each.end_reason)
    active = sum(not member.subscription.ended for member in latest.values())
    return _shown(row, active, tuple(latest.values()))


def remove(session: Session, name: str, now: datetime, *, keys: Keys, origin: str) -> int:
    """End a group for all its addresses. Returns how many those were. Raises NotFound."""
    row = _going(session, name)
    theirs = session.exec(_active(name)).all()
    lifecycle.end(session, theirs, now, keys=keys, reason=ENDED, origin=origin)
    row.ended_at = now
    session.add(row)
    return len(theirs)


def add_address(
    session: Session,
    name: str,
    address: str,
    now: datetime,
    *,
    keys: Keys,
    proof: str,
    again: bool = False,
) -> bool:
    """Put an address into a group; False where it is there already. `again`: though its owner had ended it.

    Raises NotFound, BadAddress, BadInput without a proof, or Conflict where mail must not go there.
    """
    row = _going(session, name)
    if not proof.strip():
        raise BadInput("say where you hold the consent of these people (--proof)")
    normal = normalise(address)
    if session.exec(_active(name).join(PersonRow).where(PersonRow.address == normal)).first() is not None:
        return False
    if not again:
        _stay_away(session, name, normal, keys)
    proof, origin = " ".join(proof.split()), origin_of(name)
    lifecycle.add_member(session, now, _wish(row, normal), name, keys=keys, origin=origin, proof=proof)
    return True


def remove_address(session: Session, name: str, address: str, now: datetime, *, keys: Keys, origin: str) -> bool:
    """Take an address out of a group; False where it is not in it. Raises NotFound, BadAddress."""
    _going(session, name)
    theirs = _active(name).join(PersonRow).where(PersonRow.address == normalise(address))
    rows = session.exec(theirs).all()
    lifecycle.end(session, rows, now, keys=keys, reason=REMOVED, origin=origin)
    return bool(rows)


def origin_of(name: str) -> str:
    """What the consent record calls a group that somebody was put into."""
    return f"group {name}"


def _stay_away(session: Session, name: str, address: str, keys: Keys) -> None:
    """Raises Conflict where the owner of the address ended what the group sent there last, or was erased."""
    of_address = select(ConsentRow).where(col(ConsentRow.address_hash).in_(address_hashes(keys, address)))
    lines = session.exec(of_address.order_by(col(ConsentRow.id))).all()
    members = set(session.exec(select(SubscriptionRow.id).where(SubscriptionRow.group_name == name)).all())
    begun = [
        line.subscription
        for line in lines
        if line.event == Consent.CONFIRMED and (line.origin == origin_of(name) or line.subscription in members)
    ]
    ends = [line for line in lines if line.event == Consent.ENDED and line.subscription in begun[-1:]]
    if ends and ends[0].reason not in _OURS:  # the first: an erasure says again what had ended before
        raise Conflict(f"ended by its owner at {rfc3339(ends[0].at)}; only --again brings it back")


def _wish(row: GroupRow, address: str) -> Wish:
    return Wish(address, row.query, Every(row.every), row.language, _options(row))


def _options(row: GroupRow) -> Options:
    return Options(row.weekday, row.hour, row.zone, strength=Strength(row.strength))


def _going(session: Session, name: str) -> GroupRow:
    row = session.get(GroupRow, name)
    if row is None or row.ended_at is not None:
        raise NotFound(f"no group {name!r}")
    return row


def _active(name: str) -> SelectOfScalar[SubscriptionRow]:
    return select(SubscriptionRow).where(
        SubscriptionRow.group_name == name, col(SubscriptionRow.ended_at).is_(None)
    )


def _shown(row: GroupRow, active: int, members: Sequence[Member] = ()) -> Group:
    return Group(
        name=row.name,
        query=row.query,
        every=Every(row.every),
        language=row.language,
        options=_options(row),
        made_at=row.made_at,
        active=active,
        members=tuple(members),
    )
