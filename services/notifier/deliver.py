"""Sends the ledger, one delivery at a time: claim, read what it says and may still say, hand over, remember.

No session is open while the relay is asked. A claim that expires, or that a dead process left behind, counts as
unknown and goes out again under the same Message-ID: the one documented window in which a mail can arrive twice.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sqlmodel import Session

from services.notifier import claims
from services.notifier.claims import Claim
from services.notifier.compose import compose
from services.notifier.gather import Nothing, letter_of
from services.notifier.outcomes import Outcome, Refused, Result, Sender, result
from services.notifier.templates import Templates
from shared.errors import Unavailable, Unprocessable
from shared.store import Store
from shared.subscriptions.links import Links
from shared.subscriptions.tables import DeliveryRow
from shared.subscriptions.words import State

log = logging.getLogger(__name__)

LinksOf = Callable[[Session], Links]  # asked for each mail: a key that was changed signs from then on


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

    def rest(self) -> None:
        """Nothing more is due."""
        ...


class Deliverer:
    """The only sender of mails. `instance` names this process among its like; it lives in one thread."""

    def __init__(
        self,
        store: Store,
        sender: Sender,
        gate: Gate,
        *,
        mail_from: str,
        links: LinksOf,
        templates: Templates,
        instance: str,
    ) -> None:
        self._store, self._sender, self._gate, self._instance = store, sender, gate, instance
        self._mail_from, self._links_of, self._templates = mail_from, links, templates
        self._recovered = False
        self._open: tuple[Claim, Outcome | None] | None = None  # a claim whose end the store has not taken yet

    def step(self) -> bool:
        """Deliver one mail. The first step expires the claims that a process of this name left behind."""
        self._gate.ready()
        if not self._recovered:
            if lost := claims.recover(self._store, self._instance):
                log.warning("claims of a former process expired", extra={"deliveries": lost})
            self._recovered = True
        return self.deliver_one()

    def deliver_one(self) -> bool:
        """Send the next due delivery; False when there is none.

        Raises MailUnavailable or StoreUnavailable with nothing lost: the next call settles what this left.
        """
        self._settle()
        claim = claims.claim_next(self._store, self._instance, self._gate.advance)
        if claim is None:
            self._gate.rest()
            self._sender.rest()
            return False
        try:
            self._gate.seal()
            outcome = self._attempt(claim)
        except Unavailable:
            self._open = claim, None
            self._settle()
            raise
        self._open = claim, outcome
        self._settle()
        return True

    def _settle(self) -> None:
        """Write how the open claim ended; without an outcome it was not tried, and waits as before."""
        if self._open is None:
            return
        claim, outcome = self._open
        now = self._now()
        became = Result(State.PENDING, now, claim.attempts, claim.unknown, "")
        if outcome is not None:
            became = result(outcome, now, attempts=claim.attempts, unknown=claim.unknown)
        claims.remember(self._store, claim, became)
        self._open = None
        if outcome is not None:
            fields = {"state": became.state, "unknown": became.unknown, "reason": became.error}
            sent = "delivered" if became.state is State.SENT else "not delivered"
            log.info(sent, extra={"delivery": claim.delivery, **fields})

    def _attempt(self, claim: Claim) -> Outcome:
        with self._store.reading() as session:
            now = self._store.now(session)
            row = session.get(DeliveryRow, claim.delivery)
            links = self._links_of(session)
            letter = letter_of(session, row, now) if row is not None else Nothing("the person was erased")
        if isinstance(letter, Nothing):
            return Refused(permanent=True, reason=f"not sent: {letter.reason}")
        try:
            mail = compose(letter, sender=self._mail_from, links=links, templates=self._templates, now=now)
        except Unprocessable as error:
            return Refused(permanent=True, reason=f"not sent: {error}")
        return self._sender.send(mail)

    def _now(self) -> datetime:
        with self._store.reading() as session:
            return self._store.now(session)
