"""Sends the ledger, one delivery at a time: claim, read what it says and the consent to say it, hand over, remember.

No session is open while the relay is asked. A claim that expires, or that a dead process left behind, counts as
unknown and goes out again under the same Message-ID: the one documented window in which a mail can arrive twice.
"""

import logging

from services.notifier import claims
from services.notifier.claims import Claim
from services.notifier.compose import compose
from services.notifier.gather import Nothing, letter_of
from services.notifier.outcomes import Outcome, Refused, Result, Sender, result
from services.notifier.templates import Templates
from shared.errors import MailUnavailable, Unprocessable
from shared.store import Store
from shared.subscriptions.links import Links
from shared.subscriptions.tables import DeliveryRow
from shared.subscriptions.words import State

log = logging.getLogger(__name__)


class Deliverer:
    """The only sender of mails. `instance` names this process among its like; it lives in one thread."""

    def __init__(
        self, store: Store, sender: Sender, *, mail_from: str, links: Links, templates: Templates, instance: str
    ) -> None:
        self._store, self._sender, self._instance = store, sender, instance
        self._mail_from, self._links, self._templates = mail_from, links, templates

    def recover(self) -> None:
        """At the start: expire the claims that a process of this name left behind."""
        if lost := claims.recover(self._store, self._instance):
            log.warning("claims expired at start", extra={"deliveries": lost})

    def deliver_one(self) -> bool:
        """Send the next due delivery. False when there is none. Raises MailUnavailable, and then nothing is lost."""
        claim = claims.claim_next(self._store, self._instance)
        if claim is None:
            self._sender.rest()
            return False
        try:
            outcome = self._attempt(claim)
        except MailUnavailable:
            claims.remember(self._store, claim, self._result_again(claim))
            raise
        became = self._result(claim, outcome)
        claims.remember(self._store, claim, became)
        fields = {
            "delivery": claim.delivery,
            "state": became.state,
            "unknown": became.unknown,
            "reason": became.error,
        }
        log.info("delivered" if became.state is State.SENT else "not delivered", extra=fields)
        return True

    def _attempt(self, claim: Claim) -> Outcome:
        with self._store.reading() as session:
            now = self._store.now(session)
            letter = letter_of(session, session.get_one(DeliveryRow, claim.delivery), now)
        if isinstance(letter, Nothing):
            return Refused(permanent=True, reason=f"not sent: {letter.reason}")
        try:
            mail = compose(letter, sender=self._mail_from, links=self._links, templates=self._templates, now=now)
        except Unprocessable as error:
            return Refused(permanent=True, reason=f"not sent: {error}")
        return self._sender.send(mail)

    def _result(self, claim: Claim, outcome: Outcome) -> Result:
        with self._store.reading() as session:
            now = self._store.now(session)
        return result(outcome, now, attempts=claim.attempts, unknown=claim.unknown)

    def _result_again(self, claim: Claim) -> Result:
        with self._store.reading() as session:
            now = self._store.now(session)
        return Result(State.PENDING, now, claim.attempts, claim.unknown, "")
