"""Whom a click on a leave link ends: what now sends the mails that the one with the link was one of.

A mail lies in its mailbox for years. Meanwhile its subscription may have been replaced by one that writes at
another time or in another language, its query changed, or its person left, was forgotten and came back. So a link
ends what it names, what took the place of that, and whatever else brings the person the same query now.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from shared.errors import QueryError
from shared.query.syntax import parse
from shared.subscriptions.keys import Keys, address_hashes
from shared.subscriptions.links import Leaves
from shared.subscriptions.tables import (
    ConsentRow,
    DeliveryRow,
    MatchRow,
    MatchSubscriptionRow,
    PersonRow,
    SubscriptionRow,
)
from shared.subscriptions.words import Consent

LOOKED_THROUGH: Final = 10_000  # people, the newest, whose addresses are hashed anew for a link of somebody gone
MANY: Final = 1000  # people in one condition; of more than that all are read
REPLACED: Final = "replaced"  # the reason of an end that was no leaving
MOVED: Final = "moved to another address"  # likewise, and the address was left


@dataclass(frozen=True, slots=True)
class _Trace:
    """Where a named subscription leads: people, and the queries that it brought them."""

    people: frozenset[str]
    queries: frozenset[str]


def sending(session: Session, keys: Keys, named: Leaves) -> Sequence[SubscriptionRow]:
    """The subscriptions that a leave link ends, those that have ended already among them.

    A mail that the ledger does not know was sent before a restore: then all of its person's.
    """
    mail = session.get(DeliveryRow, named.mail) if named.mail else None
    ids = _carried(session, mail.id) if mail else named.subscriptions
    if not ids and named.person:
        return _of_person(session, keys, named.person)
    rows = session.exec(select(SubscriptionRow).where(col(SubscriptionRow.id).in_(ids))).all()
    later = [successor(session, row) for row in rows]
    traces = [_trace(session, row, mail.created_at if mail else None) for row in rows]
    gone = set(ids) - {row.id for row in rows}
    traces += [_trace_of_gone(session, keys, ConsentRow.subscription == id_) for id_ in sorted(gone)]
    return _each_once([*rows, *later, *_same(session, traces)])


def successor(session: Session, row: SubscriptionRow) -> SubscriptionRow:
    """What took the place of a subscription that was replaced, and of that one, and so on; else itself."""
    while row.ended_at is not None and row.end_reason in (REPLACED, MOVED):
        confirmed = select(ConsentRow.subscription).where(
            ConsentRow.person == row.person,
            ConsentRow.event == Consent.CONFIRMED,
            ConsentRow.at == row.ended_at,
            ConsentRow.query == row.query,
            ConsentRow.subscription != row.id,
        )
        found = session.exec(confirmed).first()
        later = session.get(SubscriptionRow, found) if found else None
        if later is None:
            break
        row = later
    return row


def predecessors(session: Session, people: Collection[str]) -> Mapping[str, Sequence[str]]:
    """Subscription -> those whose place it took, and those whose place they took, of these people."""
    if not people:
        return {}
    ended, begun = aliased(ConsentRow), aliased(ConsentRow)
    together = select(begun.subscription, ended.subscription).where(
        ended.event == Consent.ENDED,
        ended.reason == REPLACED,
        begun.event == Consent.CONFIRMED,
        begun.person == ended.person,
        begun.at == ended.at,
        begun.query == ended.query,
        begun.subscription != ended.subscription,
    )
    if len(people) <= MANY:
        together = together.where(col(ended.person).in_(people))
    took: dict[str, list[str]] = defaultdict(list)
    for successor_, former in session.exec(together.order_by(col(ended.id))).all():
        took[successor_] += (former, *took.get(former, ()))
    return took


def _carried(session: Session, mail: str) -> Sequence[str]:
    """The subscriptions that spoke in a mail."""
    spoke = select(MatchSubscriptionRow.subscription).join(
        MatchRow, col(MatchRow.id) == MatchSubscriptionRow.match_id
    )
    return session.exec(spoke.where(MatchRow.delivery_id == mail).distinct()).all()


def _of_person(session: Session, keys: Keys, person: str) -> Sequence[SubscriptionRow]:
    if session.get(PersonRow, person) is None:
        return _same(session, [_trace_of_gone(session, keys, ConsentRow.person == person)])
    return session.exec(select(SubscriptionRow).where(SubscriptionRow.person == person, _active())).all()


def _trace(session: Session, row: SubscriptionRow, sent: datetime | None) -> _Trace:
    """Its query now, and the one that the mail was about: where that is not known and it has ended, all it had."""
    lines = session.exec(
        select(ConsentRow).where(ConsentRow.subscription == row.id).order_by(col(ConsentRow.id))
    ).all()
    if sent is not None:
        past = [line.query for line in lines if line.at <= sent][-1:]
    else:
        past = [line.query for line in lines] if row.ended_at else []
    return _Trace(frozenset({row.person}), frozenset(map(_canonical, (row.query, *past))))


def _trace_of_gone(session: Session, keys: Keys, theirs: ColumnElement[bool] | bool) -> _Trace:
    """Of people who were erased or forgotten: who has their address now, which the record knows by its hash."""
    lines = session.exec(select(ConsentRow).where(theirs)).all()
    return _Trace(_heirs(session, keys, lines), frozenset(_canonical(line.query) for line in lines))


def _heirs(session: Session, keys: Keys, lines: Sequence[ConsentRow]) -> frozenset[str]:
    """Who came back under an address of these lines; perhaps after the key that hashed it was changed."""
    hashes = {line.address_hash for line in lines}
    named = select(ConsentRow.person).join(PersonRow, col(PersonRow.id) == ConsentRow.person)
    found = session.exec(named.where(col(ConsentRow.address_hash).in_(hashes))).all()
    if found or not lines:
        return frozenset(found)
    later = select(PersonRow).where(col(PersonRow.created_at) >= max(line.at for line in lines))
    newest = session.exec(later.order_by(col(PersonRow.created_at).desc()).limit(LOOKED_THROUGH)).all()
    return frozenset(row.id for row in newest if not hashes.isdisjoint(address_hashes(keys, row.address)))


def _same(session: Session, traces: Collection[_Trace]) -> Sequence[SubscriptionRow]:
    """The active subscriptions of these people with these queries."""
    people = frozenset[str]().union(*(trace.people for trace in traces))
    active = session.exec(select(SubscriptionRow).where(col(SubscriptionRow.person).in_(people), _active())).all()
    wanted = {(person, query) for trace in traces for person in trace.people for query in trace.queries}
    return [row for row in active if (row.person, _canonical(row.query)) in wanted]


def _active() -> ColumnElement[bool]:
    return col(SubscriptionRow.confirmed_at).is_not(None) & col(SubscriptionRow.ended_at).is_(None)


def _canonical(query: str) -> str:
    """One spelling for queries that are the same search."""
    try:
        return parse(query).echo().casefold()
    except QueryError:  # it was right when it was stored: the grammar has changed since
        return query.casefold()


def _each_once(rows: Iterable[SubscriptionRow]) -> Sequence[SubscriptionRow]:
    return list({row.id: row for row in rows}.values())
