"""The collector as a service: one loop that claims what is due and hands it to a few fetching threads.

Due times stand in the store. A second loop looks at fixed ticks whether the sources file changed; one with a
mistake is an error at the start, and red later on: what was watched stays watched.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from pathlib import Path
from typing import Final

from services.collector.memory import claimed_row, release
from services.collector.poll import STAGE, Poller
from services.collector.record import Status, furthest_due
from services.collector.releasing import reconsider
from services.collector.robots import Robots
from shared.bus import Bus
from shared.clock import Clock
from shared.config import Settings
from shared.errors import ConfigError, Unavailable
from shared.runtime import Loop, LoopService, Service
from shared.sources.catalogue import load_catalogue
from shared.sources.claims import Claim, any_due, claim_due, expire_claims, make_due, put_off
from shared.sources.sync import sync_catalogue
from shared.sources.tables import SourceRow
from shared.store import Store
from shared.telemetry.facts import Weight
from shared.telemetry.notices import raise_notice, withdraw
from shared.ticks import Ticks
from shared.web.client import WebClient

log = logging.getLogger(__name__)

SHIPPED: Final = Path(__file__).parent / "sources.toml"
FETCHERS: Final = 8  # threads; a fetch mostly waits
LOOK_EVERY: Final = 0.5  # seconds between two looks for due sources
REREAD_EVERY: Final = 30.0  # seconds between two looks at the sources file, and at what a wrong clock put off
TICK_WITHIN: Final = 1.0  # seconds until a tick is taken
STOP_WITHIN: Final = 5.0  # seconds that running polls get at the end
NO_CONTACT: Final = "settings.contact"
SAYS_NO_CONTACT: Final = (
    "publishers whom we trouble cannot reach anybody: the User-Agent names no contact",
    "Set VIGIE_CONTACT to an address or a page of yours; `vigie config show` says what is set.",
)


def build(settings: Settings, store: Store, bus: Bus, clock: Clock) -> Service:
    """The collector. Raises ConfigError for a sources file with a mistake."""
    web = WebClient(settings, clock)
    poller = Poller(store, bus, web, Robots(web, clock), clock, settings.min_interval)
    catalogue = Catalogue(settings.sources or SHIPPED, store)
    catalogue.refresh()
    owner = f"{settings.instance_name}.{STAGE}"
    with store.writing() as session:
        expire_claims(session, owner)
        if settings.contact:
            withdraw(session, NO_CONTACT)
        else:
            raise_notice(session, NO_CONTACT, Weight.WARNING, *SAYS_NO_CONTACT, store.now(session))
    polling = Dispatcher(store, poller, web, owner)
    ticks = Ticks(REREAD_EVERY, clock)

    def look() -> bool:
        if ticks.taken():
            catalogue.tick()
            hurry(store, settings.min_interval)
            reconsider(store, bus)
        return False

    loops = [
        Loop("poll", polling.step, LOOK_EVERY, close=polling.close, trouble=lambda: catalogue.trouble),
        Loop(f"{STAGE}.look", look, TICK_WITHIN),
    ]
    return CollectorService(loops, ticks)


class CollectorService(LoopService):
    """The loops, and the ticks that one of them waits for."""

    def __init__(self, loops: Sequence[Loop], ticks: Ticks) -> None:
        super().__init__(STAGE, loops)
        self._ticks = ticks

    def start(self) -> None:
        self._ticks.start()
        super().start()

    def stop(self, timeout: float) -> None:
        self._ticks.stop()
        super().stop(timeout)


def hurry(store: Store, min_interval: float) -> None:
    """Make due at once what is due further off than its interval allows: a clock that was ahead put it off."""
    with store.reading() as session:
        now = store.now(session)
        far = [row.id for row in put_off(session, now) if _too_far(row, now, min_interval)]
    if far:
        log.warning("due too far off", extra={"sources": far})
        with store.writing() as session:
            make_due(session, far, now)


def _too_far(row: SourceRow, now: datetime, min_interval: float) -> bool:
    return row.next_due is not None and row.next_due > furthest_due(row, now, min_interval=min_interval)


class Catalogue:
    """The sources file, and the table that follows it."""

    def __init__(self, path: Path, store: Store) -> None:
        self._path, self._store = path, store
        self._read: tuple[float, int] | None = None  # the file's stamp, once it was read
        self.trouble: str | None = None

    def refresh(self) -> None:
        """Bring the table in line with the file if it changed. Raises ConfigError."""
        changed = self._stamp()
        if changed is not None and changed == self._read:
            self.trouble = None  # the file was away meanwhile, or wrong, and is back as it was
            return
        sources = load_catalogue(self._path)
        sync_catalogue(self._store, sources)
        self._read, self.trouble = changed, None
        log.info("sources file read", extra={"path": str(self._path), "sources": len(sources)})

    def tick(self) -> None:
        """`refresh` for the loop: a mistake is said and leaves the table as it is."""
        try:
            self.refresh()
        except (ConfigError, Unavailable) as error:
            if str(error) != self.trouble:
                log.warning("sources file not read", extra={"reason": str(error)})
            self.trouble = str(error)

    def _stamp(self) -> tuple[float, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime, status.st_size


class Dispatcher:
    """Claims due sources and polls them in a pool of threads."""

    def __init__(self, store: Store, poller: Poller, web: WebClient, owner: str, fetchers: int = FETCHERS) -> None:
        self._store, self._poller, self._web, self._owner = store, poller, web, owner
        self._fetchers = fetchers
        self._pool = ThreadPoolExecutor(fetchers, thread_name_prefix="fetch")
        self._running: dict[Future[Status], Claim] = {}
        self._failed: list[Claim] = []  # polls that a sick world ended: their claims are to be given back

    def step(self) -> bool:
        """Hand out what is due. Raises what a finished poll raised, so that the loop backs off and shows red."""
        self._give_back()
        self._reap()
        claims = self._claim(self._fetchers - len(self._running))
        self._running |= {self._pool.submit(self._poller.poll_one, claim): claim for claim in claims}
        return bool(claims)

    def close(self) -> None:
        self._web.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        wait(self._running, STOP_WITHIN)

    def _claim(self, free: int) -> list[Claim]:
        if free <= 0:
            return []
        with self._store.reading() as session:
            if not any_due(session, self._store.now(session)):
                return []
        with self._store.writing() as session:
            return list(claim_due(session, self._store.now(session), owner=self._owner, limit=free))

    def _reap(self) -> None:
        done = {future: claim for future, claim in self._running.items() if future.done()}
        for future in done:
            del self._running[future]
        errors = {future: error for future in done if (error := future.exception())}
        self._failed += [done[future] for future, error in errors.items() if isinstance(error, Unavailable)]
        if errors:
            raise next(iter(errors.values()))

    def _give_back(self) -> None:
        """Nobody need wait for these claims to expire. Raises StoreUnavailable; the next step then tries again."""
        if not self._failed:
            return
        with self._store.writing() as session:
            for claim in self._failed:
                if row := claimed_row(session, claim):
                    release(row)
                    session.add(row)
        self._failed.clear()
