"""Asks the hubs that publishers announce to tell us of news, and again before a lease ends.

Only where the portal can be reached: `VIGIE_PUBLIC_URL` names another host than this machine. The hub's answer
comes to the portal (`services/portal/api/websub.py`).
"""

import logging
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from shared.config import Settings
from shared.errors import FetchFailed
from shared.sources.hubs import LEASE, note_asked, to_ask
from shared.sources.tables import HubRow
from shared.store import Store
from shared.web.addresses import is_allowed
from shared.web.client import WebClient

log = logging.getLogger(__name__)

CALLBACK: Final = "/websub/"
TAKEN: Final = range(200, 300)
ASK_EVERY: Final = 60.0  # seconds between two looks at what is to be asked for


@dataclass(frozen=True, slots=True)
class Hubs:
    """The subscriptions to hubs."""

    store: Store
    web: WebClient
    settings: Settings

    def step(self) -> bool:
        """Ask for what is to be asked for. False where that was nothing."""
        if not is_public(self.settings):
            return False
        with self.store.reading() as session:
            waiting = to_ask(session, self.store.now(session))
        for row in waiting:
            taken = self._ask(row)
            with self.store.writing() as session:
                note_asked(session, row.source, self.store.now(session), taken=taken)
        return False

    def _ask(self, row: HubRow) -> bool:
        form = {
            "hub.mode": "subscribe",
            "hub.topic": row.topic,
            "hub.callback": f"{self.settings.public_url}{CALLBACK}{row.token}",
            "hub.secret": row.secret,
            "hub.lease_seconds": str(round(LEASE.total_seconds())),
        }
        try:
            status = self.web.post(row.hub, form)
        except FetchFailed as error:
            log.warning("hub not asked", extra={"source": row.source, "reason": str(error)})
            return False
        log.info("hub asked", extra={"source": row.source, "status": status})
        return status in TAKEN


def is_public(settings: Settings) -> bool:
    """Whether others can reach the portal: its public address is none of this machine or of a private network."""
    host = urlsplit(settings.public_url).hostname or "localhost"
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return False
    try:
        address = ip_address(host)
        return address.is_global or is_allowed(address, settings.allowed_networks)
    except ValueError:
        return True
