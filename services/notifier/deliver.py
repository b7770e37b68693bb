"""Sends the ledger: claim some, read what they say and may still say, hand each over, remember, go on.

No session is open while the relay is asked. A claim that expires, or that a dead process left behind, counts as
unknown where nobody can know, and goes out again under the same Message-ID: the one documented window in which a
mail can arrive twice.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from traceback import extract_tb
from typing import Final, Protocol

from sqlalchemy import Connection
from sqlmodel import Session, col, select

from services.notifier import claims
from services.notifier.claims import Batch
from services.notifier.gather import Nothing, letters_of
from services.notifier.letters import Letter
from services.notifier.outcomes import Before, Dropped, Ended, NotTried, Outcome, Result, Sender, Sent
from services.notifier.pen import Pen
from services.notifier.queue import Queue
from shared.errors import Unavailable, Unprocessable
from shared.store import Store
from shared.subscriptions.deliveries import NOT_SENT
from shared.subscriptions.keys import Keys
from shared.subscriptions.links import Links
from shared.subscriptions.tables import DeliveryRow
from shared.subscriptions.words import Blame, State

log = logging.getLogger(__name__)

LinksOf = Callable[[Session], Links]  # asked for each batch: a key that was changed signs from then on
MOST: Final = 100  # mails in a batch: a claim and what letters say are read once for all of it
QUICK: Final = 1.0  # seconds: a batch that took less may be larger the next time
SLOW: Final = 2.0  # seconds with one mail
STALE: Final = 5.0  # seconds after which consent is not read afresh any more: the rest of a batch goes back


@dataclass(frozen=True, slots=True)
class _Read:
    """The letters of a batch by delivery, as of `now`, and what makes their links."""

    letters: Mapping[str, Letter | Nothing]
    links: Links
    now: datetime


class Gate(Protocol):
    """What is asked before mails leave: `shared.journal.keeper`. Each raises Unavailable where none may."""

    def ready(self) -> None:
        """Before anything is claimed."""
        ...

    def advance(self, session: Session) -> None:
        """In the transaction that claims."""
        ...

    def seal(self) -> None:
        """Between that and the first mail."""
        ...

    def count(self, connection: Connection) -> None:
        """In the transaction that remembers how a mail ended."""
        ...

    def counted(self) -> None:
        """Between that and the next mail."""
        ...

    def rest(self) -> None:
        """Nothing more is due."""
        ...


class Deliverer:
    """A sender of mails, `instance` among its like. It lives in one thread, but for `halt` and `relieve`."""

    def __init__(
        self,
        store: Store,
        sender: Sender,
        gate: Gate,
        *,
        pen: Pen,
        links: LinksOf,
        instance: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._store, self._sender, self._gate, self._instance = store, sender, gate, instance
        self._links_of, self._pen = links, pen
        self._recovered = self._halted = False
        self._size = 1
        self._batch: Batch | None = None
        self._left: deque[Before] = deque()  # of the batch, what was not handed over
        self._since = 0.0  # when the last one was
        self._mutex = Lock()  # of the last two
        self._ended: tuple[Before, Ended] | None = None  # of the batch, what the store has not taken yet

    def step(self) -> bool:
        """Send a batch; False when there is none. The first step takes up what a process of this name left behind.

        Raises MailUnavailable or StoreUnavailable with nothing lost: the next step settles what this one left.
        """
        self._gate.ready()
        if not self._recovered:
            if lost := claims.recover(self._store, self._instance):
                log.warning("claims of a former process expired", extra={"deliveries": lost})
            self._recovered = True
        self._put_back()
        if self._halted:
            return False
        self._batch = claims.claim(self._store, self._instance, self._size, self._gate.advance)
        if self._batch is None:
            self._gate.rest()
            self._sender.rest()
            claims.ran_dry(self._store)
            return False
        with self._mutex:
            self._left, self._since = deque(self._batch.claims), self._monotonic()
        try:
            self._gate.seal()
            self._work(self._batch)
        except Unavailable:
            self._put_back()
            raise
        return True

    def halt(self) -> None:
        """From any thread: hand nothing more over, and end the step soon."""
        self._halted = True
        self._sender.halt()

    def relieve(self) -> None:
        """From another's thread: where a mail takes its time, those behind it go back, for whoever is free."""
        with self._mutex:
            batch, left = self._batch, tuple(self._left)
            if batch is None or not left or self._monotonic() - self._since < SLOW:
                return
            self._left.clear()
        try:
            claims.give_back(self._store, batch, left)
        except Unavailable:
            with self._mutex:
                self._left.extend(left)
            raise

    def close(self) -> None:
        """At the end, in the thread of the steps."""
        self._sender.rest()
        self._put_back()
        self._gate.rest()

    def _work(self, batch: Batch) -> None:
        """What an error leaves open, the next step puts back."""
        begun, queue, read = self._monotonic(), batch.queue, self._read(batch)
        while not self._halted and self._monotonic() - begun < STALE and (before := self._next()):
            try:
                outcome = self._attempt(before, read)
            except Unavailable:
                self._left.appendleft(before)
                raise
            if isinstance(outcome, NotTried):
                self._left.appendleft(before)
                break
            self._ended = before, outcome
            queue = self._settle(batch, queue)
            if queue.stopped:
                break
        self._resize(self._monotonic() - begun)
        self._put_back()

    def _next(self) -> Before | None:
        """Whatever breaks on it, it is not the next one's trouble."""
        with self._mutex:
            self._since = self._monotonic()
            return self._left.popleft() if self._left else None

    def _read(self, batch: Batch) -> _Read:
        """What the mails of a batch say, read together with the consent to say it."""
        ids = [before.delivery for before in batch.claims]
        with self._store.reading() as session:
            now = self._store.now(session)
            rows = session.exec(select(DeliveryRow).where(col(DeliveryRow.id).in_(ids))).all()
            return _Read(letters_of(session, rows, now), self._links_of(session), now)

    def _attempt(self, before: Before, read: _Read) -> Outcome:
        letter = read.letters.get(before.delivery, Nothing("the person was erased"))
        if isinstance(letter, Nothing):
            return Dropped(f"{NOT_SENT}{letter.reason}")
        try:
            mail = self._pen.write(letter, read.links, read.now)
        except Unavailable:
            raise
        except Unprocessable as error:
            return Dropped(f"{NOT_SENT}{error}", Blame.MAIL)
        except Exception as error:  # noqa: BLE001 it was surely not sent: a person must see it
            # not the error's own words: they may hold an address
            name, where = type(error).__name__, extract_tb(error.__traceback__)[-1]
            fields = {"error_class": name, "where": f"{where.filename}:{where.lineno}"}
            log.error("a mail cannot be written", extra={"delivery": before.delivery, **fields})
            return Dropped(f"{NOT_SENT}it cannot be written: {name}", Blame.MAIL)
        return self._sender.send(mail)

    def _settle(self, batch: Batch, queue: Queue) -> Queue:
        """Remember how the last attempt ended, and say how the queue stands then."""
        if self._ended is None:
            return queue
        before, outcome = self._ended
        if queue.plain and isinstance(outcome, Sent):
            became = claims.taken(self._store, batch, before, self._gate.count)
        else:
            decision = claims.settle(self._store, batch, before, outcome, self._keys, self._gate.count)
            queue, became = decision.queue, decision.result
        self._ended = None
        self._gate.counted()
        _tell(before, became)
        return queue

    def _keys(self, session: Session) -> Keys:
        return self._links_of(session).keys

    def _put_back(self) -> None:
        """What is open: an end that the store did not take, and what was not tried."""
        if self._batch is not None:
            self._settle(self._batch, self._batch.queue)
            with self._mutex:
                claims.give_back(self._store, self._batch, tuple(self._left))
                self._left.clear()
                self._batch = None

    def _resize(self, took: float) -> None:
        quick = not self._left and took < QUICK
        self._size = min(2 * self._size, MOST) if quick else max(1, self._size // 2)


def _tell(before: Before, became: Result) -> None:
    sent = "delivered" if became.state is State.SENT else "not delivered"
    fields = {"state": became.state, "unknown": became.unknown, "reason": became.error, "blame": became.blame}
    log.info(sent, extra={"delivery": before.delivery, **fields})
