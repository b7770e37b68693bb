"""What waits for an operator's word about a source, and what that word does: another block, another address.

Nothing is switched by itself: a page that changed its shape, a redirect that stays, a feed that was found where
one died are proposals, and `vigie sources accept ID` takes the one that stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, update
from sqlmodel import Session, col, select

from shared.errors import Conflict
from shared.shown_url import without_secrets
from shared.sources.addresses import reader_of
from shared.sources.applying import take_route
from shared.sources.catalogue import Kind
from shared.sources.proposed import Found, Proposal, restored
from shared.sources.routes import Route
from shared.sources.states import State
from shared.sources.store import block_of, source_row
from shared.sources.tables import SourceRow

DEAD_AFTER: Final = timedelta(days=3)  # without a document, before a new address is looked for
MANY: Final = 5  # failed polls of a source that never answered
SEARCH_AGAIN: Final = timedelta(days=7)


def proposal_of(row: SourceRow) -> Proposal | None:
    """What stands, addresses without secrets; None where nothing does."""
    if row.proposal is not None:
        return Proposal(accepted=block_of(row.shape), block=block_of(row.proposal))
    if row.state == State.MOVED and row.moved_to:
        return Proposal(moved_to=without_secrets(row.moved_to))
    if row.found is not None:
        found = restored(row.found)
        return Proposal(found=replace(found, route=replace(found.route, url=without_secrets(found.route.url))))
    return None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A source, and what stands about it. `mark` tells this proposal from the next one of the same source."""

    id: str
    name: str
    proposal: Proposal
    mark: str


def waiting(session: Session) -> tuple[Waiting, ...]:
    """All that waits and can be accepted, by source."""
    found = ((row, proposal_of(row)) for row in sick_rows(session) if _double(session, row) is None)
    return tuple(Waiting(row.id, row.name or row.id, one, _mark(one)) for row, one in found if one)


def accept_marked(session: Session, source: str, mark: str, now: datetime) -> bool:
    """`accept`, unless what stands is not what somebody saw any more. Raises NotFound."""
    stands = proposal_of(source_row(session, source))
    if stands is None or _mark(stands) != mark or _double(session, source_row(session, source)):
        return False
    accept(session, source, now)
    return True


def _mark(proposal: Proposal) -> str:
    return sha256(repr(proposal).encode()).hexdigest()[:16]


def accept(session: Session, source: str, now: datetime) -> str:
    """Do what stands to be done about the source, and say what it was. Raises NotFound, and Conflict for nothing.

    The seen-set stays: what was seen at the old address is not new at the other one.
    """
    row = source_row(session, source)
    if other := _double(session, row):
        raise Conflict(
            f"what is proposed is read already, as {other}. `vigie sources pause {source}` ends this one."
        )
    if row.proposal is not None:
        _take_block(row, now)
        done = "is read by the entries that it shows now"
    elif row.state == State.MOVED and row.moved_to:
        rules = row.sitemap or {}
        take_route(row, Route(Kind(row.kind), row.moved_to, rules.get("within", "")), now)
        done = f"is read at {without_secrets(row.url)}"
    elif row.found is not None:
        take_route(row, restored(row.found).route, now)
        done = f"is read at {without_secrets(row.url)}"
    else:
        raise Conflict(
            f"nothing of {source} waits to be accepted: `vigie sources poll {source}` looks at it again."
        )
    row.next_due = now
    session.add(row)
    return done


def _double(session: Session, row: SourceRow) -> str | None:
    """Who reads the address that is proposed already: two sources at one would bring everything twice."""
    if row.proposal is not None:
        return None
    moved = row.moved_to if row.state == State.MOVED else None
    url = moved or (restored(row.found).route.url if row.found is not None else None)
    return reader_of(session, url, besides=row.id) if url else None


def to_search(session: Session, now: datetime) -> SourceRow | None:
    """The source whose new address is to be looked for next: gone, or without a document for days."""
    gone = col(SourceRow.state) == State.GONE
    never = and_(col(SourceRow.last_success).is_(None), col(SourceRow.errors_in_row) >= MANY)
    long_ago = or_(col(SourceRow.last_success) <= now - DEAD_AFTER, never)
    failing = and_(col(SourceRow.state) == State.FAILING, long_ago)
    not_lately = or_(col(SourceRow.searched).is_(None), col(SourceRow.searched) <= now - SEARCH_AGAIN)
    wanted = select(SourceRow).where(_on(), or_(gone, failing), not_lately, col(SourceRow.kind) != Kind.MAILBOX)
    return session.exec(wanted.order_by(col(SourceRow.named).desc(), col(SourceRow.id)).limit(1)).first()


def note_search(session: Session, source: str, found: Found | None, now: datetime) -> None:
    """Keep what a search found, or that it found nothing: what another source reads already is no new address."""
    if found is not None and reader_of(session, found.route.url, besides=source):
        found = None
    this = update(SourceRow).where(col(SourceRow.id) == source)
    session.execute(this.values(searched=now, found=found.stored() if found else None))


def sick_rows(session: Session) -> Sequence[SourceRow]:
    """The sources that are on and that somebody has seen answer, or ought to."""
    awaited = or_(~col(SourceRow.assumed), col(SourceRow.first_success).is_not(None))
    return session.exec(select(SourceRow).where(_on(), awaited).order_by(col(SourceRow.id))).all()


def _on() -> ColumnElement[bool]:
    return and_(col(SourceRow.enabled), ~col(SourceRow.paused))


def _take_block(row: SourceRow, now: datetime) -> None:
    row.shape, row.proposal, row.assumed, row.verified = row.proposal, None, False, now
    row.state, row.error_score, row.last_error, row.trouble = State.NEW.value, 0.0, None, None
    row.body_hash = row.etag = row.last_modified = None
