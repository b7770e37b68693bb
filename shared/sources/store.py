"""Reads sources for people, and does what operators ask for: poll now, pause, resume, add.

"Poll now" only sets a due time; the collector, wherever it runs, finds it within a second.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from shared.errors import Conflict, NotFound
from shared.shown_url import text_without_secrets, without_secrets
from shared.sources.addresses import reader_of
from shared.sources.catalogue import (
    Kind,
    ListingRules,
    SitemapRules,
    SourceConfig,
    mailbox_rules,
    plain_rules,
)
from shared.sources.proposed import Block
from shared.sources.refusals import Refusals, restored
from shared.sources.routes import routed
from shared.sources.states import State
from shared.sources.tables import HeldEntry, SeenEntry, SourceRow
from shared.watched.rules import Why
from shared.watched.spans import note_break

CATALOGUE, OPERATOR = "catalogue", "operator"
OFF = "switched off where it came from"


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """A source as people see it. `items` counts what it brought, `held` what waits for a release.

    `off_reason` says why a paused source is not polled. `newest_published` is the publisher's latest date.
    `date_problem` says why its dates do not count.
    `complete_since` is how far back the archive has all of it, None where nobody knows. `pages_read` and
    `pages_missed` count entries whose page gave a text or not, `page_problem` says why the last one did not.
    `named`: the mission names the body. `assumed`: nobody saw the way to read it work, or decided on the block of
    its page; `verified` is when somebody did. Addresses are without passwords and keys.
    """

    id: str
    name: str
    kind: str
    url: str
    homepage: str
    country: str
    languages: tuple[str, ...]
    organisation: str
    enabled: bool
    state: str
    trouble: str | None
    error: str | None
    off_reason: str
    note: str
    origin: str
    last_fetch: datetime | None
    last_success: datetime | None
    last_new_item: datetime | None
    newest_published: datetime | None
    next_due: datetime | None
    interval: int | None
    gap: float | None
    moved_to: str | None
    items: int
    held: int
    polls: int
    not_modified: int
    unchanged: int
    parses: int
    named: bool
    assumed: bool
    verified: datetime | None
    reads_pages: bool
    full_text_reason: str
    pages_read: int
    pages_missed: int
    page_problem: str | None
    date_problem: str | None
    complete_since: datetime | None


def list_sources(session: Session) -> tuple[SourceHealth, ...]:
    """All sources by name."""
    held = held_counts(session)
    rows = session.exec(select(SourceRow)).all()
    return tuple(
        _health(row, held.get(row.id, 0)) for row in sorted(rows, key=lambda row: (row.name.casefold(), row.id))
    )


def source_health(session: Session, source: str) -> SourceHealth:
    """One source. Raises NotFound, naming the nearest id."""
    return _health(source_row(session, source), held_counts(session, source).get(source, 0))


def count_states(session: Session) -> Mapping[str, int]:
    """State -> number of sources, for the states that occur."""
    return dict(Counter(state_of(row) for row in session.exec(select(SourceRow))))


def source_row(session: Session, source: str) -> SourceRow:
    """The row of a source. Raises NotFound, naming the nearest id."""
    row = session.get(SourceRow, source)
    if row is None:
        near = get_close_matches(source, session.exec(select(SourceRow.id)).all(), n=1)
        hint = f" Did you mean {near[0]}?" if near else " `vigie sources list` shows all."
        raise NotFound(f"there is no source {source!r}.{hint}")
    return row


def state_of(row: SourceRow) -> str:
    """The state that people see: being off hides what polling found before."""
    return State.PAUSED.value if is_off(row) else row.state


def is_off(row: SourceRow) -> bool:
    """Whether the source is not polled: an operator or the catalogue switched it off."""
    return row.paused or not row.enabled


def request_poll(session: Session, source: str, now: datetime) -> None:
    """Make a source due at once. Raises NotFound, and Conflict for one that is off."""
    row = source_row(session, source)
    if state_of(row) == State.PAUSED:
        raise Conflict(f"{source} is paused ({row.off_reason or 'by an operator'}): resume it first.")
    session.exec(update(SourceRow).where(col(SourceRow.id) == source).values(next_due=now))


def pause(session: Session, source: str, reason: str = "paused by an operator") -> None:
    """Poll a source no more until it is resumed."""
    row = source_row(session, source)
    row.paused, row.resumed, row.off_reason = True, False, reason
    session.add(row)
    note_break(session, source, Why.PAUSED, reason)


def resume(session: Session, source: str, now: datetime) -> None:
    """Poll a source again, at once, whoever switched it off."""
    row = source_row(session, source)
    if row.state == State.GONE:
        row.state = State.NEW.value
    row.paused, row.enabled, row.off_reason, row.next_due = False, True, "", now
    row.resumed = True
    session.add(row)


def add_source(
    session: Session, config: SourceConfig, now: datetime, shape: Mapping[str, Any] | None = None
) -> None:
    """Add a source of the operator's own, a listing page with the shape that was accepted.

    Raises Conflict where the id or the address is taken.
    """
    if session.get(SourceRow, config.id) is not None:
        raise Conflict(f"there is a source {config.id!r} already.")
    if config.kind is not Kind.MAILBOX and (taken := reader_of(session, config.url)):
        raise Conflict(f"the source {taken!r} has this address already.")
    due = now if config.enabled else None
    row = SourceRow(id=config.id, origin=OPERATOR, url=config.url, enabled=config.enabled, next_due=due)
    row.off_reason = "" if config.enabled else config.off_reason or OFF
    session.add(row)
    session.flush()
    configure(row, config)
    row.shape = dict(shape) if shape else None


def blocks_of(session: Session, source: str) -> tuple[Block | None, Block | None]:
    """What a listing page was accepted with, and what waits to be accepted."""
    row = source_row(session, source)
    return block_of(row.shape), block_of(row.proposal)


def accepted_shapes(session: Session) -> Mapping[str, Mapping[str, Any]]:
    """Source -> the stored shape of its listing page, for sources that have one."""
    rows = session.exec(select(SourceRow.id, SourceRow.shape))
    return {id_: shape for id_, shape in rows if shape}


def block_of(stored: Mapping[str, Any] | None) -> Block | None:
    """A stored shape as people compare it."""
    if stored is None:
        return None
    return Block(stored["count"], stored["dated"], tuple((url, title) for url, title in stored["samples"]))


def refusals_of(session: Session, source: str) -> Refusals:
    """Which mails of a mailbox were not taken lately, and why."""
    return restored(source_row(session, source).refusals)


def configure(row: SourceRow, config: SourceConfig) -> None:
    """Write what the configuration says into the row. A new address forgets what the old one's server said.

    What somebody saw work is assumed no more; the block of a page that nobody decided on stays assumed. Other
    rules for a mailbox look at all of its mails again.
    """
    config = routed(config, row.route)
    by_itself = row.assumed and row.shape is not None
    mailbox = plain_rules(config.mailbox)
    if row.mailbox != mailbox:  # another choice of mails: old ones among them are old, and held for nobody
        row.etag = row.body_hash = row.refusals = row.first_success = None
    if (row.kind, row.url) != (config.kind.value, config.url):
        row.etag = row.last_modified = row.body_hash = row.last_body = row.moved_to = None
        row.moves, row.state, row.error_score, row.last_error = 0, State.NEW.value, 0.0, None
        row.shape = row.proposal = row.verified = row.found = row.searched = None
        by_itself = False
        row.trouble, row.errors_in_row, row.validators_lie, row.date_problem = None, 0, False, None
    row.name, row.kind, row.url, row.homepage = config.name, config.kind.value, config.url, config.homepage
    row.country, row.languages, row.organisation = config.country, list(config.languages), config.organisation
    row.interval, row.note, row.robots_override = config.interval, config.note, config.robots_override
    row.assumed, row.named = (config.assumed or by_itself) and row.verified is None, config.named
    row.sitemap = asdict(config.sitemap) if config.sitemap else None
    row.licence, row.checked, row.browser = config.licence, config.checked, config.browser
    row.full_text, row.reads_pages = config.full_text is not False, config.full_text is True
    row.full_text_reason = config.full_text_reason
    row.listing = asdict(config.listing) if config.listing else None
    row.mailbox = mailbox


def config_of(row: SourceRow) -> SourceConfig:
    """What is configured of a source, whoever did."""
    return SourceConfig(
        id=row.id,
        kind=Kind(row.kind),
        url=row.url,
        name=row.name,
        homepage=row.homepage,
        country=row.country,
        languages=tuple(row.languages),
        organisation=row.organisation,
        enabled=row.enabled,
        interval=row.interval,
        note=row.note,
        robots_override=row.robots_override,
        licence=row.licence,
        full_text=row.full_text and (row.reads_pages or None),
        full_text_reason=row.full_text_reason,
        browser=row.browser,
        assumed=row.assumed,
        named=row.named,
        checked=row.checked,
        listing=ListingRules(**row.listing) if row.listing else None,
        sitemap=SitemapRules(**row.sitemap) if row.sitemap else None,
        mailbox=mailbox_rules(row.mailbox),
    )


def configurations(session: Session) -> tuple[SourceConfig, ...]:
    """What is configured of every source, by id; one that is off, whoever switched it off, says why."""
    rows = session.exec(select(SourceRow).order_by(col(SourceRow.id)))
    return tuple(
        replace(config_of(row), enabled=not is_off(row), off_reason=row.off_reason if is_off(row) else "")
        for row in rows
    )


def held_entries(session: Session, source: str | None = None) -> Sequence[HeldEntry]:
    """What the flood guard holds and nobody released yet, oldest first."""
    query = select(HeldEntry).where(col(HeldEntry.released_at).is_(None)).order_by(col(HeldEntry.id))
    return session.exec(query.where(HeldEntry.source == source) if source else query).all()


def forget_words(session: Session, item_ids: Collection[str]) -> None:
    """Drop what is kept of the words of items that were taken out: at the flood guard, and in the seen-sets.

    What a source has shown stays known, by hashes.
    """
    session.execute(delete(HeldEntry).where(col(HeldEntry.item_id).in_(item_ids)))
    session.execute(update(SeenEntry).where(col(SeenEntry.item_id).in_(item_ids)).values(title=""))


def held_counts(session: Session, source: str | None = None) -> Mapping[str, int]:
    """Source -> how many entries the flood guard keeps back, for sources that have any."""
    query = select(HeldEntry.source, func.count()).where(col(HeldEntry.released_at).is_(None))
    if source:
        query = query.where(HeldEntry.source == source)
    return dict(session.exec(query.group_by(HeldEntry.source)).all())


def _health(row: SourceRow, held: int) -> SourceHealth:
    off = is_off(row)
    computed: dict[str, Any] = {
        "languages": tuple(row.languages),
        "enabled": not off,
        "state": state_of(row),
        "off_reason": row.off_reason if off else "",
        "next_due": None if off else row.next_due,
        "held": held,
    }
    shown = {
        "url": without_secrets(row.url),
        "homepage": without_secrets(row.homepage),
        "moved_to": row.moved_to and without_secrets(row.moved_to),
        "error": row.last_error and text_without_secrets(row.last_error),
        "page_problem": row.page_problem and text_without_secrets(row.page_problem),
    }
    as_stored = [f.name for f in fields(SourceHealth) if f.name not in computed | shown]
    return SourceHealth(**{name: getattr(row, name) for name in as_stored} | computed | shown)
