"""Hands due sources to fetching threads, refills them as they finish, and settles what they bring, many at once.

The threads wait for publishers; bus and store are written here, by one thread: events first, then what is
remembered of each source. More is claimed than there are threads, so that none idles until the next claims, but
never more than a few sources of one host: who answers slowly holds up nobody else.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Final
from urllib.parse import urlsplit

from services.collector.memory import claimed_rows, release
from services.collector.poll import Done, Poller
from services.collector.settling import Settling
from shared.errors import Unavailable
from shared.sources.claims import Claim, Due, any_due, claim_due, due_sources
from shared.sources.tables import SourceRow
from shared.store import Store
from shared.web.client import WebClient

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 0.05  # seconds between two looks for due sources while nothing is polled
GATHER: Final = 0.1  # seconds for which what finishes is settled together
FIRST: Final = 32  # sources that are claimed at first where many are due: publishers take their time meanwhile
PER_HOST: Final = 4  # sources of one host in hand; they take turns anyway
LOOK_AT: Final = 2000  # due sources among which those are chosen whose hosts are free
LOOK_HOLDS: Final = timedelta(seconds=2)  # for which a look is gone by; a claim finds out what has changed
STOP_WITHIN: Final = 5.0  # seconds that running polls get at the end


class Dispatcher:
    """The pool of `fetchers` threads. `step` and `close` belong to one thread."""

    def __init__(
        self,
        store: Store,
        poller: Poller,
        web: WebClient,
        owner: str,
        fetchers: int,
        *,
        stop_within: float = STOP_WITHIN,
    ) -> None:
        self._store, self._poller, self._web, self._owner = store, poller, web, owner
        self._fetchers, self._stop_within = fetchers, stop_within
        self._pool = ThreadPoolExecutor(fetchers, thread_name_prefix="fetch")
        self._running: dict[Future[Done], Claim] = {}
        self._finished: SimpleQueue[Future[Done]] = SimpleQueue()
        self._settling = Settling(poller.publish, poller.remember)
        self._look = Look(datetime.min.replace(tzinfo=UTC), ())
        self._failed: list[Claim] = []  # polls that a sick world ended: their claims are to be given back

    def step(self) -> bool:
        """Hand out what is due, wait a little for what finishes, and settle it.

        Raises what a poll raised, so that the loop backs off and shows red. While the bus or the store take
        nothing, nothing new is asked for.
        """
        self._give_back()
        self._settling.turn()
        handed_out = self._hand_out()
        if errors := self._gather(GATHER):
            raise errors[0]
        self._settling.turn()
        return bool(handed_out or self._running)

    def close(self) -> None:
        """End: running polls get a moment, what they bring is settled, and the other claims are given back."""
        self._web.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        wait([future for future in self._running if not future.cancelled()], self._stop_within)
        self._gather(0.0)
        given_up = [claim.source for claim in self._running.values()]
        if given_up:
            log.warning("polls given up at the end", extra={"sources": given_up})
        self._failed += self._running.values()
        with suppress(Unavailable):  # what cannot be settled comes again after the start
            self._settling.turn()
            self._give_back()

    def _hand_out(self) -> int:
        room = 2 * self._fetchers - len(self._running)
        if self._fetchers <= len(self._running) and room < self._fetchers // 2:
            return 0  # everybody has work; claims are cheaper by the dozen
        handed_out, portion = 0, FIRST
        while room > 0:
            claims = self._claim(wanted := min(room, portion))
            for claim in claims:
                future = self._pool.submit(self._poller.poll, claim)
                self._running[future] = claim
                future.add_done_callback(self._finished.put)
            handed_out += len(claims)
            if len(claims) < wanted:
                break
            room, portion = room - wanted, 2 * portion
        return handed_out

    def _claim(self, room: int) -> Sequence[Claim]:
        with self._store.reading() as session:
            now = self._store.now(session)
            if not self._look.holds(now):
                due = due_sources(session, now, LOOK_AT) if any_due(session, now) else ()
                self._look = Look(now, due)
        chosen = choose(self._look.due, [claim.row for claim in self._running.values()], room)
        self._look = self._look.without(chosen)
        if not chosen:
            return ()
        # a power cut may undo a claim: it ends the poll as well
        with self._store.writing(durable=False) as session:
            return claim_due(session, self._store.now(session), owner=self._owner, limit=room, only=chosen)

    def _gather(self, patience: float) -> Sequence[BaseException]:
        """Take up what finishes within `patience`, or `GATHER` after the first; what polls raised."""
        errors: list[BaseException] = []
        end = time.monotonic() + patience
        while self._running:
            try:
                future = self._finished.get(timeout=max(0.0, end - time.monotonic()))
            except Empty:
                break
            end = min(end, time.monotonic() + GATHER) if not len(self._settling) else end
            claim = self._running.pop(future)
            error = None if future.cancelled() else future.exception()
            if error:
                errors.append(error)
            elif not future.cancelled():
                self._settling.add([future.result()])
            if future.cancelled() or isinstance(error, Unavailable):
                self._failed.append(claim)
        return errors

    def _give_back(self) -> None:
        """Nobody need wait for these claims to expire. Raises StoreUnavailable; the next step then tries again."""
        if not self._failed:
            return
        with self._store.writing() as session:
            for row in claimed_rows(session, self._failed).values():
                release(row)
                session.add(row)
        self._failed.clear()


@dataclass(frozen=True, slots=True)
class Look:
    """What was due at `at` and has not been taken since: reading it anew for every few claims is dear."""

    at: datetime
    due: Sequence[Due]

    def holds(self, now: datetime) -> bool:
        """Whether there is anything left in it, and it is no older than it may be."""
        return bool(self.due) and abs(now - self.at) < LOOK_HOLDS

    def without(self, taken: Sequence[str]) -> "Look":
        """What is left; nothing where nothing could be taken of it."""
        gone = set(taken)
        return Look(self.at, [one for one in self.due if one.id not in gone] if gone else ())


def choose(due: Iterable[Due], taken: Iterable[Due | SourceRow], room: int) -> Sequence[str]:
    """The ids of those due sources that can be taken up, at most `room`, beside those that are `taken`."""
    taken = list(taken)
    hosts, ids = Counter(_host(one.url) for one in taken), {one.id for one in taken}
    chosen: list[str] = []
    for one in due:
        host = _host(one.url)
        if len(chosen) < room and hosts[host] < PER_HOST and one.id not in ids:
            hosts[host] += 1
            chosen.append(one.id)
    return chosen


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return url
