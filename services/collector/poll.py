"""Polls one claimed source: fetch, parse, decide, publish, remember. In this order.

What is seen is remembered only after its events are durable: a crash in between repeats events, which every later
stage ignores, and loses none. The result is remembered only while the claim is ours.
"""

import logging
import random
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from threading import Semaphore
from typing import Final

from sqlmodel import Session

from services.collector.browser import Browser, needs_browser
from services.collector.dates import zone_of
from services.collector.decide import Known, Plan, SourceFacts, decide
from services.collector.detect import read_listing
from services.collector.entries import ParsedFeed
from services.collector.fulltext.filling import FullText
from services.collector.fulltext.plan import Told, told
from services.collector.honest import FETCHED, as_written, doubt, looks_made, undated, without_dates
from services.collector.identify import Identified, identify
from services.collector.memory import claimed_rows, hold, known_entries, pass_over, release, remember, seen_pages
from services.collector.newsletter.intake import Newsletters, fetched_mails
from services.collector.proof import before, marks_of, proof_of
from services.collector.read import TICK, asked_twice, read_document
from services.collector.record import Polled, Status, asks_on_condition, body_hash, record
from services.collector.robots import Robots
from services.collector.shape import Shape, restored
from services.collector.sitemaps import Sitemaps
from shared.bus import BULK, COLLECTED, Bus
from shared.clock import Clock
from shared.config import Settings
from shared.errors import BadInput, FetchFailed, Trouble
from shared.events import encode
from shared.items import CollectedItem, Purpose
from shared.journal.lineage import caught_up
from shared.moments import not_after
from shared.sources.catalogue import Kind, SourceConfig
from shared.sources.claims import Claim
from shared.sources.hubs import announced
from shared.sources.store import config_of
from shared.sources.tables import SourceRow
from shared.store import Store
from shared.watched.rules import Break, Mark, Proof
from shared.watched.spans import note
from shared.web.client import Fetched, WebClient
from shared.web.room import visit

log = logging.getLogger(__name__)

STAGE: Final = "collector"
WHOLE_EVERY: Final = 12  # polls, after which sitemaps are read that say that nothing in them changed
BATCH: Final = 500  # events handed to the bus at once
READERS: Final = 1  # documents taken apart at the same time: more of them only wait for the interpreter


@dataclass(frozen=True, slots=True)
class Done:
    """A poll that is over: its times (monotonic), and what is to be published and remembered."""

    claim: Claim
    polled: Polled
    began: float
    ended: float


class Poller:
    """Polls claimed sources. Thread-safe."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        web: WebClient,
        robots: Robots,
        clock: Clock,
        min_interval: float,
        texts: FullText | None = None,
        browser: Browser | None = None,
        newsletters: Newsletters | None = None,
        pause: float = TICK,
    ) -> None:
        self._store, self._bus, self._web, self._robots = store, bus, web, robots
        self._texts = texts or FullText(web, robots, clock)
        self._browser = browser
        self._newsletters = newsletters or Newsletters(Settings())
        self._clock, self._min_interval, self._pause = clock, min_interval, pause
        self._sitemaps = Sitemaps(web, robots)
        self._reading = Semaphore(READERS)

    def poll(self, claim: Claim) -> Done:
        """Ask the source and decide. Raises Unavailable in a sick world; the claim then stands."""
        began = time.monotonic()
        with visit():
            polled = self._polled(claim.row)
        return Done(claim, polled, began, time.monotonic())

    def publish(self, polls: Sequence[Done]) -> None:
        """Hand the events of these polls to the bus, durably. Raises BusUnavailable; then some may be there."""
        self._send(COLLECTED, [item for done in polls for item in done.polled.plan.live], Purpose.LIVE)
        self._send(COLLECTED + BULK, [item for done in polls for item in done.polled.plan.bulk], Purpose.BACKFILL)

    def remember(self, polls: Sequence[Done]) -> Sequence[Status]:
        """Write what these polls found, in one transaction, once their events are durable; say how each ended."""
        durable = any(done.polled.plan.remember for done in polls)  # the rest is asked for again after a power cut
        with self._store.writing(durable=durable) as session:
            rows = claimed_rows(session, [done.claim for done in polls])
            now = self._store.now(session)
            ours = [done for done in polls if done.claim.source in rows]
            remember(session, ((done.claim.source, done.polled.plan.remember) for done in ours), now)
            announced(session, {done.claim.source: told for done in ours if (told := _hub(done))})
            kept = [self._remember(session, rows.get(done.claim.source), done, now) for done in polls]
            note(session, {done.claim.source: one for done, (_, one) in zip(polls, kept, strict=True) if one})
            statuses = [status for status, _ in kept]
            well = [done.claim.source for done in polls if done.polled.status is not Status.FAILED]
            caught_up(session, [source for source in well if source in rows], now)
        for done, status in zip(polls, statuses, strict=True):
            _log(done, status)
        return statuses

    def poll_one(self, claim: Claim) -> Status:
        """All of it for one source. Raises Unavailable in a sick world; the claim then stands."""
        done = self.poll(claim)
        self.publish([done])
        return self.remember([done])[0]

    def _polled(self, row: SourceRow) -> Polled:
        config = config_of(row)
        try:
            if config.kind is Kind.MAILBOX:
                return self._looked_into(row, config)
            fetched = self._fetch(row, config)
            if fetched.not_modified:
                return Polled(Status.NOT_MODIFIED, fetched)
            bare, digest = replace(fetched, body=b""), body_hash(fetched)
            if digest == row.body_hash:
                return Polled(Status.UNCHANGED, bare)
            feed, shape = self._read(row, config, fetched)
        except BadInput as error:
            return Polled(Status.FAILED, error=error)
        feed, plan, marks, why = self._decided(row, feed, fetched, config)
        plan, pages = self._with_pages(row, plan, feed)
        read = Polled(Status.READ, bare, feed, plan, shape=shape, body_hash=digest, marks=marks, pages=pages)
        return replace(read, doubt=why)

    def _looked_into(self, row: SourceRow, config: SourceConfig) -> Polled:
        """A mailbox: what came since the last visit that went well, at the first one what is there."""
        read = self._newsletters.read(config, row.etag, self._clock.now())
        fetched = fetched_mails(row.url, read, goes_on=row.etag is not None)
        if fetched.not_modified:  # nothing new, and that is known for sure: it makes a source well again
            status = Status.NOT_MODIFIED if row.trouble is None else Status.UNCHANGED
            return Polled(status, fetched, refusals=read.refusals)
        feed, plan, marks, _ = self._decided(row, read.feed, fetched, config)
        digest = body_hash(fetched)
        return Polled(Status.READ, fetched, feed, plan, body_hash=digest, marks=marks, refusals=read.refusals)

    def _decided(
        self, row: SourceRow, feed: ParsedFeed, fetched: Fetched, config: SourceConfig
    ) -> tuple[ParsedFeed, Plan, tuple[Mark, ...], str | None]:
        """The document with the dates that count, what of its entries is new or changed, what they are, and why
        its dates do not count.
        """
        with self._reading:
            entries = identify(feed.entries, row.id, (feed.site, row.homepage, row.url, fetched.url))
            with self._store.reading() as session:
                known = known_entries(session, row.id, entries)
                now = self._store.now(session)  # one clock for all collectors: it orders the states of an item
        why = self._doubt(row, config, entries, known, feed, now)
        with self._reading:
            bare = without_dates(entries) if why else entries
            plan = decide(bare, known, _facts(row, now), now, feed.language)
            marks = marks_of(bare, known, plan, now)
            if why:
                feed = replace(feed, entries=tuple(map(undated, feed.entries)))
                plan = replace(plan, remember=as_written(plan.remember, entries, known))
            return feed, plan, marks, why

    def _doubt(
        self,
        row: SourceRow,
        config: SourceConfig,
        entries: Sequence[Identified],
        known: Sequence[Known],
        feed: ParsedFeed,
        now: datetime,
    ) -> str | None:
        """Why the dates of a document do not count. At the first poll a second request tells, where one must."""
        if config.kind is Kind.MAILBOX:
            return None
        dates = [one.entry.published or one.entry.updated for one in entries]
        if row.first_success is None and config.kind is Kind.FEED and looks_made(dates, now):
            return FETCHED if asked_twice(self._web, row.url, feed, zone_of(config.country), self._pause) else None
        return doubt(entries, known, feed.built, now, row.date_problem)

    def _with_pages(self, row: SourceRow, plan: Plan, feed: ParsedFeed) -> tuple[Plan, Told]:
        """The plan, its live items with the words of their pages where the source's terms allow that."""
        if not (row.reads_pages and plan.live):
            return plan, Told()
        attached = {(entry.guid, entry.url): entry.attached for entry in feed.entries if entry.attached}
        filled = self._texts.fill(plan.live, attached)
        return replace(plan, live=filled), told(filled)

    def _read(self, row: SourceRow, config: SourceConfig, fetched: Fetched) -> tuple[ParsedFeed, Shape | None]:
        """The entries, and the shape of a listing page that was read without selectors."""
        if config.kind is Kind.SITEMAP:
            first = row.first_success is None
            since = row.last_success if row.polls % WHOLE_EVERY else None
            seen = partial(self._seen, row.id)
            return self._sitemaps.read(config, fetched, seen, first=first, since=since), None
        with self._reading:
            if config.kind is not Kind.LISTING or config.listing is not None:
                return read_document(config, fetched), None
            accepted = restored(row.shape) if row.shape else None
            found = read_listing(fetched, accepted, zone_of(config.country))
        return found.feed, found.shape

    def _seen(self, source: str, ids: Collection[str]) -> frozenset[str]:
        with self._store.reading() as session:
            return seen_pages(session, source, ids)

    def _fetch(self, row: SourceRow, config: SourceConfig) -> Fetched:
        self._obey_robots(config)
        if config.browser:
            if self._browser is None:
                raise needs_browser(row.url)
            return self._browser.rendered(self._web.get(row.url))
        if asks_on_condition(row, self._clock.now()):
            return self._web.get(row.url, etag=row.etag, last_modified=row.last_modified)
        return self._web.get(row.url)

    def _obey_robots(self, config: SourceConfig) -> None:
        """Raises FetchFailed where robots.txt forbids the source and nobody recorded a reason to poll it anyway.

        While robots.txt is out of reach nobody can tell: pages wait, feeds, which are made to be polled, do not.
        """
        verdict = self._robots.verdict(config.url)
        if verdict.allowed or config.robots_override or (config.kind is Kind.FEED and not verdict.reachable):
            return
        if not verdict.reachable:
            raise FetchFailed(f"robots.txt of {config.url} cannot be read; pages wait for it", Trouble.CONNECT)
        raise FetchFailed(
            f"robots.txt forbids {config.url}; a reason in `robots_override` allows it", Trouble.FORBIDDEN
        )

    def _send(self, topic: str, items: Sequence[CollectedItem], purpose: Purpose) -> None:
        now = self._clock.now()
        for start in range(0, len(items), BATCH):
            batch = items[start : start + BATCH]
            self._bus.publish(topic, [encode(item, purpose=purpose, stage=STAGE, now=now) for item in batch])

    def _remember(
        self, session: Session, row: SourceRow | None, done: Done, now: datetime
    ) -> tuple[Status, Proof | Break | None]:
        """How the poll ended, and what that proves of the time since the last one."""
        if row is None or row.claim_token != done.claim.token:
            return Status.LOST, None
        polled = done.polled
        hold(session, row.id, polled.plan.held, now)
        if polled.feed is not None:
            pass_over(session, row.id, polled.feed.passed, now)
        earlier = before(row)
        chance = random.random()  # spreads load, guards nothing
        record(row, polled, now, min_interval=self._min_interval, chance=chance)
        release(row)
        asked = now - timedelta(seconds=time.monotonic() - done.began)
        return polled.status, proof_of(row, polled, earlier, asked)


def _hub(done: Done) -> tuple[str | None, str] | None:
    """The hub that a document announces, or none any more, and what it calls itself; None without a document."""
    fetched, feed = done.polled.fetched, done.polled.feed
    if feed is None or fetched is None:
        return None
    return fetched.hub or feed.hub, fetched.topic or feed.topic or done.claim.row.url


def _facts(row: SourceRow, now: datetime) -> SourceFacts:
    """What is known of the source. A last success that lies in the future would hold all that is new for old."""
    last_success = row.last_success if row.first_success else None
    return SourceFacts(
        id=row.id,
        name=row.name,
        organisation=row.organisation,
        country=row.country,
        languages=tuple(row.languages),
        full_text=row.full_text,
        last_success=last_success and not_after(last_success, now),
    )


def _log(done: Done, status: Status) -> None:
    polled, seconds = done.polled, done.ended - done.began
    fields: dict[str, object] = {
        "source": done.claim.source,
        "status": status.value,
        "ms": round(seconds * 1000),
    }
    if polled.feed is not None:
        plan = polled.plan
        counts = {"entries": len(polled.feed.entries), "new": plan.new, "changed": plan.changed}
        fields |= counts | {"live": len(plan.live), "bulk": len(plan.bulk), "held": len(plan.held)}
        if polled.pages.missed:
            fields |= {"pages_missed": polled.pages.missed, "why": polled.pages.problem}
    if polled.error is not None:
        fields["reason"] = str(polled.error)
        log.warning("poll failed", extra=fields)
    else:
        log.info("polled", extra=fields)
