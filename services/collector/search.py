"""Looks for a new address where a source died: on its homepage, with all that `routes` knows. It only proposes."""

import logging
from dataclasses import dataclass
from typing import Final

from services.collector.probe import Probe
from services.collector.robots import Robots
from services.collector.routes import best, homes
from shared.errors import BadInput
from shared.sources.catalogue import SourceConfig
from shared.sources.proposals import note_search, to_search
from shared.sources.proposed import Found
from shared.sources.routes import Route
from shared.sources.store import config_of
from shared.store import Store
from shared.web.client import WebClient

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 60.0  # seconds between two looks whether somebody died


@dataclass(frozen=True, slots=True)
class Search:
    """The search for new addresses: one source at a time, each once a week."""

    store: Store
    web: WebClient
    robots: Robots

    def step(self) -> bool:
        """Look for the next one's. False when nobody needs it."""
        with self.store.reading() as session:
            row = to_search(session, self.store.now(session))
        if row is None:
            return False
        config = config_of(row)
        found = self._found(config)
        log.info("looked for a new address", extra={"source": config.id, "found": bool(found)})
        with self.store.writing() as session:
            note_search(session, config.id, found, self.store.now(session))
        return True

    def _found(self, config: SourceConfig) -> Found | None:
        """What is there besides the address that died, if anything."""
        for start in homes(config):
            if self._allowed(start):
                probe = best(self.web, self.robots, start, config.country, config.languages)
                if probe.ok and probe.entries and probe.url != config.url:
                    return _as_found(probe)
        return None

    def _allowed(self, url: str) -> bool:
        try:
            return self.robots.verdict(url).allowed
        except BadInput:
            return False


def _as_found(probe: Probe) -> Found:
    return Found(Route(probe.kind, probe.url, probe.within), probe.title[:200], probe.entries, probe.newest)
