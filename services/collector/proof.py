"""Pure. What a poll proves about the time since the one before: was the source watched?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.collector.decide import Known, Plan, sane
from services.collector.identify import Identified
from services.collector.record import Polled, Status
from services.collector.sitemap import MOST
from shared.sources.catalogue import Kind
from shared.sources.tables import SourceRow
from shared.watched.rules import Break, Mark, Proof, Why


@dataclass(frozen=True, slots=True)
class Before:
    """What the row said before the poll was written into it."""

    last_body: datetime | None
    lied: bool


def before(row: SourceRow) -> Before:
    return Before(row.last_body, row.validators_lie)


def marks_of(entries: Sequence[Identified], known: Iterable[Known], plan: Plan, now: datetime) -> tuple[Mark, ...]:
    """The entries of a document by the items that they are, in its order."""
    items = {row.entry_key: row.item_id for row in (*known, *plan.remember)}
    return tuple(
        Mark(items[entry.entry_key][:16], sane(entry.entry.published, now) or sane(entry.entry.updated, now))
        for entry in entries
    )


def proof_of(row: SourceRow, polled: Polled, earlier: Before, asked: datetime) -> Proof | Break:
    """The proof, or why there is none. `row` is as it stands after the poll, which began at `asked`.

    A 304 proves something only where we would have asked for one: see `asks_on_condition`.
    """
    failed = Why.FAILING, row.last_error or ""
    if polled.status is Status.FAILED or (polled.status is Status.NOT_MODIFIED and row.trouble is not None):
        return failed
    if polled.refusals is not None and polled.refusals.mails:
        return Why.REFUSED, polled.refusals.mails[0].why
    if polled.feed is not None and polled.feed.missed:
        return Why.FAILING, polled.feed.missed
    shown = len(polled.feed.entries) if polled.feed else int(row.state != "empty")
    if not shown and row.kind in (Kind.FEED, Kind.LISTING):  # a news sitemap without news is as it should be
        return Why.EMPTY, ""
    lied_since = earlier.last_body if row.validators_lie and not earlier.lied else None
    return Proof(asked, row.next_due or asked, row.url, _told(row, polled), lied_since)


def _told(row: SourceRow, polled: Polled) -> tuple[Mark, ...] | None:
    """The entries by which two documents are compared; None where a document is known to be the whole.

    A news sitemap leaves out what is old, not what is one too many; a mailbox keeps all.
    """
    whole = row.kind == Kind.MAILBOX or (row.kind == Kind.SITEMAP and len(polled.marks) < MOST)
    return None if whole or polled.status is not Status.READ else polled.marks
