"""Tells the operator's hub (WebSub) which feeds of searches have news: those that were asked for of late.

A few at a time, and only after something new came in. A hub that does not take it is asked again, and operators
are told.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.archive.followed import Followed, held_by, newest_arrival, note_looked, to_look_at
from shared.archive.search import every
from shared.errors import FetchFailed
from shared.store import Store
from shared.telemetry.facts import Weight
from shared.telemetry.notices import raise_notice, withdraw
from shared.telemetry.told import told
from shared.web.client import WebClient

log = logging.getLogger(__name__)

UNHEARD: Final = "hub.unheard"
AT_ONCE: Final = 20  # feeds of one look
IN_A_FEED: Final = 100  # entries, as the portal gives them
LOOK_EVERY: Final = 30.0  # seconds
PATIENCE: Final = 10.0  # seconds for the hub's answer


@dataclass(frozen=True, slots=True)
class Announcer:
    """Looks at feeds, and tells the hub."""

    store: Store
    web: WebClient
    hub: str

    def step(self) -> bool:
        """Look at some feeds; False when none waits, or the hub does not hear."""
        with self.store.reading() as session:
            arrival = newest_arrival(session)
            now = self.store.now(session)
            waiting = to_look_at(session, now, arrival, AT_ONCE) if arrival else ()
        if arrival is None or not waiting:
            return False
        held = {feed.topic: held_by(every(self.store, feed.query, limit=IN_A_FEED)) for feed in waiting}
        with self.store.writing() as session:
            for feed in waiting:
                if feed.told in ("", held[feed.topic]):
                    note_looked(session, (feed.topic,), arrival, held[feed.topic])
        return self._tell([feed for feed in waiting if feed.told not in ("", held[feed.topic])], held, arrival)

    def _tell(self, news: list[Followed], held: Mapping[str, str], arrival: datetime) -> bool:
        for feed in news:
            if said := self._unheard(feed.topic):
                self._say(said)
                return False
            with self.store.writing() as session:
                note_looked(session, (feed.topic,), arrival, held[feed.topic], self.store.now(session))
        if news:
            log.info("hub told", extra={"feeds": len(news)})
            self._say("")
        return True

    def _unheard(self, topic: str) -> str:
        """What the hub said instead of yes; empty where it heard."""
        form = {"hub.mode": "publish", "hub.topic": topic, "hub.url": topic}  # by either name, as hubs want it
        try:
            status = self.web.post(self.hub, form, deadline=PATIENCE)
        except FetchFailed as error:
            return str(error)
        return "" if 200 <= status < 300 else f"{self.hub} answered {status}"

    def _say(self, said: str) -> None:
        with self.store.writing() as session:
            if said:
                raise_notice(session, UNHEARD, Weight.WARNING, told(UNHEARD, said=said), self.store.now(session))
            else:
                withdraw(session, UNHEARD)
