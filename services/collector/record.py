"""Writes the outcome of a poll into the source's row: validators, counters, health, the next due time."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from services.collector.backfill.plan import shown_from
from services.collector.decide import Plan, sane
from services.collector.detect import NeedsDecision
from services.collector.entries import ParsedFeed
from services.collector.fulltext.plan import Told
from services.collector.rhythm import LONGEST_WISH, Rhythm, next_poll, usual_gap
from services.collector.shape import Shape
from shared.errors import FetchFailed, Trouble
from shared.moments import ahead
from shared.sources.catalogue import Kind
from shared.sources.refusals import Refusals, joined, restored
from shared.sources.states import (
    Health,
    State,
    after_document,
    after_error,
    after_unmodified,
    is_stale,
)
from shared.sources.tables import SourceRow
from shared.watched.rules import Mark
from shared.web.client import Fetched

TRUSTED: Final = timedelta(hours=3)  # how long we believe 304 before we ask for the whole document again


OWN: Final = 300  # seconds between two looks into a mailbox: it is ours, and a look costs little
MONTHLY: Final = timedelta(days=30)  # a newsletter's rhythm, before it is known


class Status(StrEnum):
    """How a poll ended, in the log and in the metrics."""

    READ = "read"
    UNCHANGED = "unchanged"  # a whole document, byte for byte the last one: not parsed
    NOT_MODIFIED = "not_modified"  # 304
    FAILED = "failed"
    LOST = "lost"  # the claim expired meanwhile: somebody else polls


@dataclass(frozen=True, slots=True)
class Polled:
    """The outcome of a poll: a document, read or known, or the error. The body is gone; its hash is kept.

    `marks` are the entries that were read, `doubt` says why their dates do not count.
    """

    status: Status
    fetched: Fetched | None = None
    feed: ParsedFeed | None = None
    plan: Plan = field(default_factory=Plan)
    error: Exception | None = None
    shape: Shape | None = None
    body_hash: str | None = None
    marks: tuple[Mark, ...] = ()
    pages: Told = field(default_factory=Told)
    refusals: Refusals | None = None
    doubt: str | None = None


def asks_on_condition(row: SourceRow, now: datetime) -> bool:
    """Whether the next request may be answered 304: not after a failure, and not for ever.

    Some servers answer 304 whatever happens. A whole document now and then finds them out.
    """
    trusted = row.last_body is not None and now - row.last_body < TRUSTED and not ahead(row.last_body, now)
    return trusted and row.trouble is None and not row.validators_lie


def body_hash(fetched: Fetched) -> str:
    return sha256(fetched.body).hexdigest()


def record(row: SourceRow, polled: Polled, now: datetime, *, min_interval: float, chance: float) -> None:
    """The row as it stands after the poll. `chance` in 0..1 spreads the next due time."""
    row.polls += 1
    row.last_fetch = now
    match polled:
        case Polled(status=Status.READ, fetched=Fetched() as fetched, feed=ParsedFeed() as feed):
            _read(row, fetched, feed, polled, now)
            _keep_shape(row, polled.shape)
            _count_pages(row, polled.pages)
            row.date_problem = polled.doubt
        case Polled(fetched=Fetched() as fetched):
            _same(row, fetched, polled.status, now)
        case _:
            _failed(row, polled.error, now)
    if polled.refusals is not None:
        row.refusals = joined(restored(row.refusals), polled.refusals, now).stored()
    retry_after = _retry_after(polled)
    row.next_due = next_poll(_rhythm(row, min_interval, retry_after), now, chance)


def furthest_due(row: SourceRow, now: datetime, *, min_interval: float) -> datetime:
    """Later than this no poll is ever put off, as the source is: a server may ask for a day."""
    return next_poll(_rhythm(row, min_interval, LONGEST_WISH), now, 1.0)


def health_of(row: SourceRow) -> Health:
    trouble = Trouble(row.trouble) if row.trouble else None
    return Health(State(row.state), row.error_score, row.last_error, trouble, row.moved_to, row.moves)


def _read(row: SourceRow, fetched: Fetched, feed: ParsedFeed, polled: Polled, now: datetime) -> None:
    plan = polled.plan
    row.parses += 1
    row.items += plan.new
    if (plan.new or plan.changed) and _claims_no_change(row, fetched):
        row.validators_lie = True
    row.etag, row.last_modified, row.body_hash = fetched.etag, fetched.last_modified, polled.body_hash
    if not feed.whole:
        row.etag = row.last_modified = row.body_hash = None
    if not feed.entries and not feed.known:
        row.body_hash = None  # after a failure the same empty document would count as one with entries
    row.ttl, row.max_age = feed.ttl, fetched.max_age
    published = [sane(entry.published or entry.updated, now) for entry in feed.entries]
    if polled.doubt and not row.date_problem:  # what was made of such dates
        row.gap = row.newest_published = row.complete_since = None
    row.gap = usual_gap(published, now) or row.gap
    row.newest_published = max((moment for moment in published if moment), default=row.newest_published)
    row.last_new_item = now if plan.new else row.last_new_item
    if row.first_success is None and feed.whole:
        dates = [sane(entry.published, now) for entry in feed.entries]
        row.complete_since = shown_from(dates) or row.complete_since
    row.first_success = row.first_success or now
    _succeeded(row, fetched, len(feed.entries) + feed.known, now)


def _keep_shape(row: SourceRow, shape: Shape | None) -> None:
    """The first page of a listing that left no doubt: taken, and marked as nobody's decision."""
    row.proposal = None
    if shape is not None and row.shape is None:
        row.shape, row.assumed = shape.stored(), True


def _count_pages(row: SourceRow, pages: Told) -> None:
    row.pages_read += pages.read
    row.pages_missed += pages.missed
    if pages.read or pages.missed:
        row.page_problem = pages.problem


def _same(row: SourceRow, fetched: Fetched, status: Status, now: datetime) -> None:
    if status is Status.UNCHANGED:
        row.unchanged += 1
        row.etag, row.last_modified = fetched.etag, fetched.last_modified
        entries = 0 if row.state == State.EMPTY else 1  # the same document has the same entries, some or none
        _succeeded(row, fetched, entries, now)
        return
    row.not_modified += 1
    row.last_modified = fetched.last_modified or row.last_modified  # RFC 9111 section 3.2
    row.etag = fetched.etag or row.etag
    row.errors_in_row = 0
    if row.trouble is None:
        row.last_success = now
    _set_health(row, after_unmodified(health_of(row), stale=_stale(row, now)))


def _succeeded(row: SourceRow, fetched: Fetched, entries: int, now: datetime) -> None:
    row.last_success = row.last_body = now
    row.errors_in_row = 0
    row.found = row.searched = None  # what was looked for in its place is not needed
    stale = _stale(row, now)
    _set_health(row, after_document(health_of(row), entries=entries, moved_to=fetched.moved_to, stale=stale))


def _failed(row: SourceRow, error: Exception | None, now: datetime) -> None:  # noqa: ARG001 one form for all three
    row.errors_in_row += 1
    trouble = error.trouble if isinstance(error, FetchFailed | NeedsDecision) else Trouble.NOT_A_FEED
    if isinstance(error, NeedsDecision):
        row.proposal = error.proposal.stored() if error.proposal else None
    _set_health(row, after_error(health_of(row), trouble, str(error)))


def _set_health(row: SourceRow, health: Health) -> None:
    row.state, row.error_score, row.last_error = health.state.value, health.score, health.error
    row.trouble = health.trouble.value if health.trouble else None
    row.moved_to, row.moves = health.moved_to, health.moves


def _stale(row: SourceRow, now: datetime) -> bool:
    gap = timedelta(seconds=row.gap) if row.gap else MONTHLY if row.kind == Kind.MAILBOX else None
    return is_stale(row.last_new_item, gap, now)


def _claims_no_change(row: SourceRow, fetched: Fetched) -> bool:
    """Whether the validators are those of the last document, although this one brought something."""
    if row.etag or fetched.etag:
        return row.etag == fetched.etag
    return row.last_modified is not None and row.last_modified == fetched.last_modified


def _retry_after(polled: Polled) -> float | None:
    if isinstance(polled.error, FetchFailed):
        return polled.error.retry_after
    return polled.fetched.retry_after if polled.fetched else None


def _rhythm(row: SourceRow, min_interval: float, retry_after: float | None) -> Rhythm:
    return Rhythm(
        min_interval=min_interval,
        interval=row.interval or (OWN if row.kind == Kind.MAILBOX and not row.errors_in_row else None),
        gap=row.gap,
        ttl=row.ttl,
        max_age=row.max_age,
        retry_after=retry_after,
        errors=row.errors_in_row,
        trouble=Trouble(row.trouble) if row.trouble else None,
    )
