"""The collector as a service: one loop that hands what is due to fetching threads and settles what they bring.

Due times stand in the store. A second loop looks at fixed ticks whether the sources file changed; one with a
mistake is an error at the start, and red later on: what was watched stays watched.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from services.collector.browser import browser
from services.collector.dispatch import LOOK_EVERY, Dispatcher
from services.collector.newsletter.intake import Newsletters
from services.collector.poll import STAGE, Poller
from services.collector.record import furthest_due
from services.collector.releasing import reconsider
from services.collector.robots import Robots
from services.collector.search import LOOK_EVERY as SEARCH_EVERY
from services.collector.search import Search
from services.collector.shipped import SHIPPED
from services.collector.telling import tell
from services.collector.websub import ASK_EVERY, Hubs
from shared.bus import Bus
from shared.clock import Clock
from shared.config import Settings
from shared.errors import ConfigError, Unavailable
from shared.runtime import Loop, LoopService, Service
from shared.sources.catalogue import load_catalogue
from shared.sources.claims import expire_claims, make_due, put_off
from shared.sources.sync import sync_catalogue
from shared.sources.tables import SourceRow
from shared.store import Store
from shared.telemetry.facts import Weight
from shared.telemetry.notices import raise_notice, withdraw
from shared.telemetry.told import told
from shared.ticks import Ticks
from shared.web.client import WebClient

log = logging.getLogger(__name__)

REREAD_EVERY: Final = 30.0  # seconds between two looks at the sources file, and at what a wrong clock put off
TICK_WITHIN: Final = 1.0  # seconds until a tick is taken
NO_CONTACT: Final = "settings.contact"


def build(settings: Settings, store: Store, bus: Bus, clock: Clock) -> Service:
    """The collector. Raises ConfigError for a sources file with a mistake."""
    web = WebClient(settings, clock)
    newsletters = Newsletters(settings)
    robots = Robots(web, clock)
    chromium = browser(settings)
    poller = Poller(
        store, bus, web, robots, clock, settings.min_interval, newsletters=newsletters, browser=chromium
    )
    catalogue = Catalogue(settings.sources or SHIPPED, store, newsletters.names)
    catalogue.refresh()
    owner = f"{settings.instance_name}.{STAGE}"
    with store.writing() as session:
        expire_claims(session, owner)
        if settings.contact:
            withdraw(session, NO_CONTACT)
        else:
            raise_notice(session, NO_CONTACT, Weight.WARNING, told(NO_CONTACT), store.now(session))
    polling = Dispatcher(store, poller, web, owner, settings.fetchers)
    ticks = Ticks(REREAD_EVERY, clock)

    def look() -> bool:
        if ticks.taken():
            catalogue.tick()
            hurry(store, settings.min_interval)
            reconsider(store, bus)
            tell(store, settings)
        return False

    search = Search(store, web, robots)

    loops = [
        Loop("poll", polling.step, LOOK_EVERY, close=polling.close, trouble=lambda: catalogue.trouble),
        Loop(f"{STAGE}.look", look, TICK_WITHIN),
        Loop(f"{STAGE}.search", search.step, SEARCH_EVERY),
        Loop(f"{STAGE}.hubs", Hubs(store, web, settings).step, ASK_EVERY),
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

    def __init__(self, path: Path, store: Store, mailboxes: Collection[str] = ()) -> None:
        self._path, self._store, self._mailboxes = path, store, mailboxes
        self._read: tuple[float, int] | None = None  # the file's stamp, once it was read
        self.trouble: str | None = None

    def refresh(self) -> None:
        """Bring the table in line with the file if it changed. Raises ConfigError."""
        changed = self._stamp()
        if changed is not None and changed == self._read:
            self.trouble = None  # the file was away meanwhile, or wrong, and is back as it was
            return
        sources = load_catalogue(self._path)
        sync_catalogue(self._store, sources, self._mailboxes)
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
