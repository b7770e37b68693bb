"""Polls one claimed source: fetch, parse, decide, publish, remember. In this order.

What is seen is remembered only after its events are durable: a crash in between repeats events, which every later
stage ignores, and loses none. The result is remembered only while the claim is ours.
"""

import logging
import random
import time
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from services.collector.dates import zone_of
from services.collector.decide import Plan, SourceFacts, decide
from services.collector.detect import read_listing
from services.collector.entries import ParsedFeed
from services.collector.identify import identify
from services.collector.memory import claimed_row, known_entries, pass_over, release, remember, seen_pages
from services.collector.read import read_document
from services.collector.record import Polled, Status, asks_on_condition, body_hash, record
from services.collector.robots import Robots
from services.collector.shape import Shape, restored
from services.collector.sitemaps import Sitemaps
from shared.bus import BULK, COLLECTED, Bus
from shared.clock import Clock
from shared.errors import BadInput, FetchFailed, Trouble
from shared.events import encode
from shared.items import CollectedItem, Purpose
from shared.journal.lineage import caught_up
from shared.moments import not_after
from shared.sources.catalogue import Kind, SourceConfig
from shared.sources.claims import Claim
from shared.sources.store import config_of
from shared.sources.tables import SourceRow
from shared.store import Store
from shared.web.client import Fetched, WebClient

log = logging.getLogger(__name__)

STAGE: Final = "collector"
BATCH: Final = 500  # events handed to the bus at once


class Poller:
    """Polls claimed sources. Thread-safe."""

    def __init__(
        self, store: Store, bus: Bus, web: WebClient, robots: Robots, clock: Clock, min_interval: float
    ) -> None:
        self._store, self._bus, self._web, self._robots = store, bus, web, robots
        self._clock, self._min_interval = clock, min_interval
        self._sitemaps = Sitemaps(web, robots)

    def poll_one(self, claim: Claim) -> Status:
        """Poll the source and say how it ended. Raises Unavailable in a sick world; the claim then stands."""
        began = time.monotonic()
        polled = self._polled(claim.row)
        status = self._remember(claim, polled)
        _log(claim.source, status, polled, time.monotonic() - began)
        return status

    def _polled(self, row: SourceRow) -> Polled:
        config = config_of(row)
        try:
            fetched = self._fetch(row, config)
            if fetched.not_modified:
                return Polled(Status.NOT_MODIFIED, fetched)
            if row.body_hash is not None and body_hash(fetched) == row.body_hash:
                return Polled(Status.UNCHANGED, fetched)
            feed, shape = self._read(row, config, fetched)
        except BadInput as error:
            return Polled(Status.FAILED, error=error)
        entries = identify(feed.entries, row.id, (feed.site, row.homepage, row.url, fetched.url))
        with self._store.reading() as session:
            known = known_entries(session, row.id, entries)
            now = self._store.now(session)  # one clock for all collectors: it orders the states of an item
        plan = decide(entries, known, _facts(row, now), now, feed.language)
        self._publish(plan)
        return Polled(Status.READ, fetched, feed, plan, shape=shape)

    def _read(self, row: SourceRow, config: SourceConfig, fetched: Fetched) -> tuple[ParsedFeed, Shape | None]:
        """The entries, and the shape of a listing page that was read without selectors."""
        if config.kind is Kind.SITEMAP:
            first = row.first_success is None
            return self._sitemaps.read(config, fetched, lambda ids: self._seen(row.id, ids), first=first), None
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

    def _publish(self, plan: Plan) -> None:
        self._send(COLLECTED, plan.live, Purpose.LIVE)
        self._send(COLLECTED + BULK, plan.bulk, Purpose.BACKFILL)

    def _send(self, topic: str, items: Sequence[CollectedItem], purpose: Purpose) -> None:
        now = self._clock.now()
        for start in range(0, len(items), BATCH):
            batch = items[start : start + BATCH]
            self._bus.publish(topic, [encode(item, purpose=purpose, stage=STAGE, now=now) for item in batch])

    def _remember(self, claim: Claim, polled: Polled) -> Status:
        with self._store.writing() as session:
            row = claimed_row(session, claim)
            if row is None:
                return Status.LOST
            now = self._store.now(session)
            remember(session, row.id, polled.plan.remember, polled.plan.held, now)
            pass_over(session, row.id, polled.feed.passed if polled.feed else (), now)
            chance = random.random()  # spreads load, guards nothing
            record(row, polled, now, min_interval=self._min_interval, chance=chance)
            release(row)
            session.add(row)
            if polled.status is not Status.FAILED:
                caught_up(session, row.id, now)
            return polled.status


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


def _log(source: str, status: Status, polled: Polled, seconds: float) -> None:
    fields: dict[str, object] = {"source": source, "status": status.value, "ms": round(seconds * 1000)}
    if polled.feed is not None:
        plan = polled.plan
        counts = {"entries": len(polled.feed.entries), "new": plan.new, "changed": plan.changed}
        fields |= counts | {"live": len(plan.live), "bulk": len(plan.bulk), "held": len(plan.held)}
    if polled.error is not None:
        fields["reason"] = str(polled.error)
        log.warning("poll failed", extra=fields)
    else:
        log.info("polled", extra=fields)
