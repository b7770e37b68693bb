"""WebSub: hubs that publishers announce, and our subscriptions to them. A push says that there is news, no more.

The source is then due at once, and the poll stays the truth: a push brings no entry, and one that never comes
makes nothing later. Only who has the secret can make a source due (HMAC over the body).
"""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, or_, update
from sqlmodel import Session, col, select

from shared.shown_url import without_secrets
from shared.sources.store import is_off
from shared.sources.tables import HubRow, SourceRow
from shared.store.upsert import upsert

NEW, ASKED, VERIFIED, DENIED = "new", "asked", "verified", "denied"
LEASE: Final = timedelta(days=10)  # that we ask for
LONGEST_LEASE: Final = timedelta(days=90)  # that we believe
RENEW_BEFORE: Final = timedelta(days=1)
ASK_AGAIN: Final = timedelta(hours=6)  # where a hub did not verify
LEAST: Final = timedelta(minutes=5)  # between two requests to a hub whose leases are shorter
ASK_DENIED: Final = timedelta(days=7)
METHODS: Final = ("sha512", "sha384", "sha256", "sha1")  # of signatures, as the specification names them


def announced(session: Session, found: Mapping[str, tuple[str | None, str]]) -> None:
    """Source -> the hub that its document announces, or none any more, and the topic there.

    Another hub or topic is subscribed to anew.
    """
    if not found:
        return
    before = select(HubRow.source, HubRow.hub, HubRow.topic).where(col(HubRow.source).in_(found))
    known = {source: (hub, topic) for source, hub, topic in session.exec(before).all()}
    if gone := [source for source in known if found[source][0] is None]:
        session.execute(delete(HubRow).where(col(HubRow.source).in_(gone)))
    anew = {"state": NEW, "asked_at": None, "lease_until": None}
    for source, (hub, topic) in found.items():
        if hub is None or known.get(source) == (hub, topic):
            continue
        keys = {"token": secrets.token_urlsafe(24), "secret": secrets.token_urlsafe(32)}
        upsert(session, HubRow, ("source",), {"source": source, "hub": hub, "topic": topic, **keys, **anew})


@dataclass(frozen=True, slots=True)
class Hub:
    """The hub that a source announces, without secrets, and how it stands with our subscription.

    `asked_at` is None where nobody asked it yet: without a public address of the portal nobody does.
    """

    url: str
    state: str
    asked_at: datetime | None
    lease_until: datetime | None
    pushed_at: datetime | None


def hub_of(session: Session, source: str) -> Hub | None:
    """The hub of a source; None where it announces none."""
    row = session.get(HubRow, source)
    if row is None:
        return None
    return Hub(without_secrets(row.hub), row.state, row.asked_at, row.lease_until, row.pushed_at)


def to_ask(session: Session, now: datetime) -> Sequence[HubRow]:
    """The subscriptions that are to be asked for: new ones, those that end soon, those that nobody verified."""
    asked = col(HubRow.asked_at)
    due = or_(
        asked.is_(None),
        and_(col(HubRow.state) == VERIFIED, col(HubRow.lease_until) <= now + RENEW_BEFORE),
        and_(col(HubRow.state) == ASKED, asked <= now - ASK_AGAIN),
        and_(col(HubRow.state) == DENIED, asked <= now - ASK_DENIED),
    )
    on = select(SourceRow.id).where(col(SourceRow.enabled), ~col(SourceRow.paused))
    wanted = select(HubRow).where(due, col(HubRow.source).in_(on))
    found = session.exec(wanted.order_by(col(HubRow.source))).all()
    return [row for row in found if row.state != VERIFIED or _renews(row, now)]


def _renews(row: HubRow, now: datetime) -> bool:
    """Whether a lease that ends soon is asked for again: at half of it where the hub gives a short one."""
    if row.asked_at is None or row.lease_until is None:
        return True
    return now >= row.asked_at + max(LEAST, min(ASK_AGAIN, (row.lease_until - row.asked_at) / 2))


def note_asked(session: Session, source: str, now: datetime, *, taken: bool) -> None:
    """The hub was asked. One that holds stays verified until its lease ends."""
    this = _of(col(HubRow.source) == source)
    session.execute(this.values(asked_at=now))
    state = ASKED if taken else DENIED
    session.execute(_of(col(HubRow.source) == source, col(HubRow.state) != VERIFIED).values(state=state))


def verify(session: Session, token: str, topic: str, lease: int | None, now: datetime) -> bool:
    """A hub asks whether we want this subscription. True where we asked for it; from now on it holds."""
    row = _by_token(session, token)
    if row is None or row.asked_at is None or not hmac.compare_digest(row.topic.encode(), topic.encode()):
        return False
    holds = min(LONGEST_LEASE, timedelta(seconds=lease)) if lease and lease > 0 else LEASE
    session.execute(_of(col(HubRow.token) == token).values(state=VERIFIED, lease_until=now + holds))
    return True


def deny(session: Session, token: str, topic: str) -> None:
    """A hub refuses the subscription, now or any more."""
    this = _of(col(HubRow.token) == token, col(HubRow.topic) == topic)
    session.execute(this.values(state=DENIED, lease_until=None))


def pushed(session: Session, token: str, body: bytes, signature: str, now: datetime, least: float) -> bool:
    """Make the source due where the push is signed; `least` seconds lie between two polls all the same."""
    row = _by_token(session, token)
    if row is None or not signed(row.secret, body, signature):
        return False
    source = session.get(SourceRow, row.source)
    if source is None or is_off(source):
        return False
    due = max(now, source.last_fetch + timedelta(seconds=least)) if source.last_fetch else now
    sooner = update(SourceRow).where(col(SourceRow.id) == source.id, col(SourceRow.next_due) > due)
    session.execute(sooner.values(next_due=due))
    session.execute(_of(col(HubRow.token) == token).values(pushed_at=now))
    return True


def signed(secret: str, body: bytes, signature: str) -> bool:
    """Whether `signature` (`sha256=…`) is that of the body."""
    method, _, given = signature.strip().partition("=")
    if method.lower() not in METHODS:
        return False
    made = hmac.new(secret.encode(), body, method.lower()).hexdigest()
    return hmac.compare_digest(made.encode(), given.strip().lower().encode())


def _by_token(session: Session, token: str) -> HubRow | None:
    return session.exec(select(HubRow).where(col(HubRow.token) == token)).first()


def _of(*which: ColumnElement[bool]):  # type: ignore[no-untyped-def]  # an UPDATE, whose type SQLAlchemy keeps to itself
    return update(HubRow).where(*which).execution_options(synchronize_session=False)
