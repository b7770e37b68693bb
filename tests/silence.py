"""A site and a collector in a world with planted faults, for the proof of silence.

The world knows what really happened: which document came when, which entries nobody ever collected. So it can say
where the product may not claim that it watched, and where it should.
"""

import json
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from services.collector.poll import Poller
from services.collector.robots import Robots
from shared.bus import Bus, Message
from shared.errors import FetchFailed, Trouble
from shared.sources.catalogue import source_config
from shared.sources.claims import claim_due
from shared.sources.store import add_source, pause, resume, source_row
from shared.store import Store
from shared.watched.cover import Gap, Unwatched, gaps
from shared.watched.spans import note_restore, spans, watches
from shared.web.client import Fetched, WebClient
from tests.fakes import FakeClock, a_store
from tests.pipeline.feeds import Entry, rss

START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KINDS: Final = ("outage", "page", "cut", "emptied", "robots", "pause", "down", "burst", "lie", "restore")
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong from `begins` to `ends`."""

    kind: str
    begins: datetime
    ends: datetime


@dataclass
class Site:
    """A publisher: a feed of the newest entries, with one that stays on top perhaps."""

    dice: random.Random
    clock: FakeClock
    capacity: int
    dated: bool
    pinned: bool
    entries: list[tuple[str, datetime]] = field(default_factory=list)  # oldest first
    number: int = 0

    def publish(self, at: datetime) -> None:
        self.number += 1
        self.entries.append((f"n{self.number}", at))

    def shown(self) -> list[tuple[str, datetime]]:
        newest = self.entries[::-1][: self.capacity - self.pinned]
        return [*([("oben", START - 40 * HOUR)] if self.pinned else []), *newest]

    def document(self) -> bytes:
        said = (
            Entry(
                name, f"{name} {'zahl' * (int(name[1:] or 0) % 7 if name != 'oben' else 1)} {name}", name * 9, at
            )
            for name, at in self.shown()
        )
        return rss([e if self.dated else Entry(e.name, e.title, e.text) for e in said])


class Web:
    """What the collector's client would bring, faults included."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.last_sent = b""

    def get(self, url: str, **asked: Any) -> Fetched:
        world = self.world
        if url.endswith("/robots.txt"):
            rules = b"User-agent: *\nDisallow: /" if world.suffers("robots") else b""
            return Fetched(url, 200, rules, "text/plain")
        if world.suffers("outage"):
            status = world.dice.choice((Trouble.TIMEOUT, Trouble.HTTP_5XX, Trouble.BUSY, Trouble.BLOCKED))
            raise FetchFailed(f"{url} answers nothing", status)
        body = world.site.document()
        if asked.get("etag") and world.suffers("lie"):
            world.came(whole=body == self.last_sent)
            return Fetched(url, 304, b"", etag='"same"')
        if asked.get("etag") == _tag(body):
            world.came(whole=True)
            return Fetched(url, 304, b"", etag=_tag(body))
        return self._whole(url, body)

    def _whole(self, url: str, body: bytes) -> Fetched:
        world = self.world
        if world.suffers("page"):
            return Fetched(url, 200, b"<!doctype html><title>Wartung</title><p>Gleich wieder da", "text/html")
        if world.suffers("emptied"):
            return Fetched(url, 200, rss([]), "application/rss+xml")
        if world.suffers("cut"):
            return Fetched(url, 200, body[: body.index(b"<item>")], "application/rss+xml")
        self.last_sent = body
        world.came(whole=True)
        return Fetched(url, 200, body, "application/rss+xml", etag='"same"' if world.lies else _tag(body))


def _tag(body: bytes) -> str:
    return f'"{hash(body)}"'


class Log:
    """A bus that remembers which entries were collected."""

    def __init__(self) -> None:
        self.collected: set[str] = set()

    def publish(self, topic: str, messages: Sequence[Message]) -> None:
        for message in messages:
            envelope = json.loads(message.value)
            self.collected.add(envelope["data"]["url"].rpartition("/")[2])


class World:
    """One run: a source, its site, faults, and a clock that is driven from one due time to the next."""

    def __init__(self, folder: Path, dice: random.Random, days: float = 3.0) -> None:
        self.folder, self.dice = folder, dice
        self.clock = FakeClock(START)
        self.store = a_store(folder, self.clock)
        self.log = Log()
        self.site = Site(dice, self.clock, dice.choice((4, 8, 20)), dice.random() < 0.7, dice.random() < 0.4)
        self.end = START + timedelta(days=days)
        self.rate = dice.uniform(0.05, 0.5)  # entries in an hour, but for bursts
        self.faults = self._planted()
        self.lies = any(fault.kind == "lie" for fault in self.faults)
        self.reads: list[datetime] = []  # when a document really came, or was rightly called unchanged
        self.shown: list[set[str]] = []  # what stood in it
        self.restored: list[tuple[datetime, datetime]] = []
        self.interval = dice.choice((None, 1800, 3600, 7200))
        for hours in range(self.site.capacity, 0, -1):
            self.site.publish(START - hours * HOUR)
        web: WebClient = Web(self)  # type: ignore[assignment]  # a poller only gets
        bus: Bus = self.log  # type: ignore[assignment]  # a poller only publishes
        self.poller = Poller(self.store, bus, web, Robots(web, self.clock), self.clock, min_interval=300)
        block = {"id": "haus", "kind": "feed", "url": "https://www.example.org/feed.xml", "country": "DE"}
        if self.interval:
            block |= {"interval": self.interval}  # type: ignore[dict-item]
        with self.store.writing() as session:
            add_source(session, source_config(block, "test"), START)

    def suffers(self, kind: str) -> bool:
        now = self.clock.now()
        return any(fault.kind == kind and fault.begins <= now < fault.ends for fault in self.faults)

    def came(self, *, whole: bool) -> None:
        if whole:
            self.reads.append(self.clock.now())
            self.shown.append({name for name, _ in self.site.shown()} - {"oben"})

    def run(self) -> None:
        """Drive the clock to the end."""
        snapshot: Path | None = None
        taken: set[str] = set()
        marks = sorted({moment for fault in self.faults for moment in (fault.begins, fault.ends)})
        at_snapshot = START
        while self.clock.now() < self.end:
            self._poll_if_due()
            upcoming = min(m for m in (*(m for m in marks if m > self.clock.now()), self.end, self._due()) if m)
            self._pass(max(upcoming, self.clock.now() + timedelta(seconds=1)))
            for fault in self.faults:
                now = self.clock.now()
                if fault.kind == "pause" and now in (fault.begins, fault.ends):
                    self._switch(on=now == fault.ends)
                if fault.kind == "restore" and now == fault.begins:
                    snapshot, taken, at_snapshot = self._snapshot(), set(self.log.collected), now
                if fault.kind == "restore" and now == fault.ends and snapshot is not None:
                    self._restore(snapshot)
                    self.log.collected = taken
                    self.restored.append((at_snapshot, now))

    def gaps(self) -> tuple[Gap, ...]:
        """What the product says from the start to now."""
        now = self.clock.now()
        with self.store.reading() as session:
            row = source_row(session, "haus")
            off = row.off_reason if row.paused else None
            found = gaps(
                "haus", watches(session).get("haus"), spans(session, START).get("haus", ()), START, now, off
            )
        assert not isinstance(found, Unwatched) or not self.reads
        return () if isinstance(found, Unwatched) else found

    def unproven(self) -> Iterator[tuple[datetime, datetime]]:
        """The times that nothing vouches for: too long between two documents, or entries were lost in them."""
        longest = timedelta(seconds=self.interval or 4 * 3600) * 1.6
        lost = [at for name, at in self.site.entries if name not in self.log.collected]
        for first, second in zip(self.reads, self.reads[1:], strict=False):
            late = second - first > max(longest, timedelta(minutes=35))
            if late or any(first < at <= second for at in lost):
                yield first, second
        yield from self.restored

    def suffered(self) -> Iterator[tuple[datetime, datetime]]:
        """The times around what was planted or happened, from one document to the next."""
        for fault in self.faults:
            before = [at for at in self.reads if at <= fault.begins]
            after = [at for at in self.reads if at >= fault.ends]
            yield before[-1] if before else START, after[0] if after else self.end
        for at in range(len(self.reads) - 1):
            if self.shown[at].isdisjoint(self.shown[at + 1]):  # more may have come than were shown
                yield self.reads[at], self.reads[at + 1]

    def lost(self) -> list[datetime]:
        """When what was published that nobody will ever collect, up to the last document."""
        shown = {name for name, _ in self.site.shown()}
        last = self.reads[-1] if self.reads else START
        return [
            at
            for name, at in self.site.entries
            if START < at <= last and name not in self.log.collected and name not in shown
        ]

    def close(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    def _planted(self) -> list[Fault]:
        found = []
        for _ in range(self.dice.choice((0, 1, 1, 2, 3))):
            begins = START + self.dice.uniform(0.05, 0.8) * (self.end - START)
            length = timedelta(hours=self.dice.choice((0.2, 1, 6, 15, 30)))
            found.append(Fault(self.dice.choice(KINDS), begins, min(begins + length, self.end - 2 * HOUR)))
        return [fault for fault in found if fault.ends > fault.begins]

    def _pass(self, until: datetime) -> None:
        """Time passes, and the publisher publishes."""
        now = self.clock.now()
        while True:
            now += timedelta(hours=self.dice.expovariate(self.rate))
            if now > until:
                break
            self.site.publish(now)
        for fault in self.faults:
            if fault.kind == "burst" and self.clock.now() < fault.begins <= until:
                for at in range(self.site.capacity + 2):
                    self.site.publish(fault.begins + timedelta(seconds=at))
        self.site.entries.sort(key=lambda entry: entry[1])
        self.clock.advance(seconds=(until - self.clock.now()).total_seconds())

    def _due(self) -> datetime | None:
        with self.store.reading() as session:
            row = source_row(session, "haus")
            return None if row.paused or self.suffers("down") else row.next_due

    def _poll_if_due(self) -> None:
        if self.suffers("down"):
            return
        with self.store.writing() as session:
            claims = claim_due(session, self.clock.now(), owner="test", limit=1)
        for claim in claims:
            self.poller.poll_one(claim)

    def _switch(self, *, on: bool) -> None:
        with self.store.writing() as session:
            if on:
                resume(session, "haus", self.clock.now())
            else:
                pause(session, "haus")

    def _snapshot(self) -> Path:
        with self.store.bare() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return Path(shutil.copy(self.folder / "vigie.db", self.folder / "snapshot.db"))

    def _restore(self, snapshot: Path) -> None:
        self.store.close()
        for name in ("vigie.db", "vigie.db-wal", "vigie.db-shm"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.copy(snapshot, self.folder / "vigie.db")
        self.store = Store(f"sqlite:///{self.folder / 'vigie.db'}", self.clock)
        self.poller._store = self.store
        with self.store.writing() as session:
            note_restore(session)


def outside(gap: Gap, allowed: Sequence[tuple[datetime, datetime]]) -> float:
    """Seconds of the gap that lie in none of the `allowed` times."""
    pieces = [(gap.since, gap.until)]
    for begins, ends in allowed:
        pieces = [
            piece
            for since, until in pieces
            for piece in ((since, min(until, begins)), (max(since, ends), until))
            if piece[1] > piece[0]
        ]
    return sum((until - since).total_seconds() for since, until in pieces)
