"""Remembers which feeds are asked for, so that a hub can be told of their news (WebSub)."""

import logging
from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from shared.archive.followed import note_asked
from shared.errors import Unavailable
from shared.store import Store

log = logging.getLogger(__name__)

AGAIN: Final = timedelta(hours=1)  # until it is written once more that the same feed was asked for
KEPT: Final = 1_000  # addresses that were asked for


class Followers:
    """Thread-safe. What cannot be written down keeps no reader from its feed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._noted: OrderedDict[str, datetime] = OrderedDict()

    def asked(self, topic: str, query: str, now: datetime) -> None:
        with self._lock:
            before = self._noted.get(topic)
            if before is not None and now - before < AGAIN:
                return
            self._noted[topic] = now
            self._noted.move_to_end(topic)
            if len(self._noted) > KEPT:
                self._noted.popitem(last=False)
        try:
            with self._store.writing() as session:
                note_asked(session, topic, query, self._store.now(session))
        except Unavailable as error:
            log.warning("not noted that a feed is followed", extra={"reason": str(error)})
