"""Posts what is due: claim some, send each, remember, go on. A loop of its own: no mail waits for a webhook."""

import logging
from typing import Final

from services.notifier.webhooks import outbox
from services.notifier.webhooks.outbox import Batch, Held
from shared.clock import Clock
from shared.events import CONTENT_TYPE
from shared.store import Store
from shared.subscriptions.elsewhere.signature import signed
from shared.web.posting import Postman

log = logging.getLogger(__name__)

MOST: Final = 20  # posts in a batch: at ten seconds each, well within a claim


class Poster:
    """Lives in one thread, but for `halt`."""

    def __init__(self, store: Store, postman: Postman, clock: Clock, portal: str) -> None:
        self._store, self._postman, self._clock, self._portal = store, postman, clock, portal
        self._halted = False

    def step(self) -> bool:
        """Send a batch; False when nothing is due."""
        batch = None if self._halted else outbox.claim(self._store, MOST, self._portal)
        if batch is None:
            return False
        away: set[str] = set()  # webhooks that are left in peace from now on
        untried: list[Held] = []
        for held in batch.posts:
            if self._halted or held.webhook in away:
                untried.append(held)
            elif not self._send(batch, held):
                away.add(held.webhook)
        outbox.give_back(self._store, batch, untried)
        return True

    def halt(self) -> None:
        """From any thread: begin no further try."""
        self._halted = True

    def close(self) -> None:
        self._postman.close()

    def _send(self, batch: Batch, held: Held) -> bool:
        """Whether the webhook may have the next one, too."""
        if held.body is None:
            outbox.drop(self._store, batch, held)
            return True
        headers = signed(held.secret, held.id, self._clock.now(), held.body)
        answer = self._postman.post(held.url, held.body, {"Content-Type": CONTENT_TYPE, **headers})
        became = outbox.settle(self._store, batch, held, answer)
        fields = {"post": held.id, "webhook": held.webhook, "status": answer.status}
        log.info("posted" if answer.taken else "not posted", extra=fields)
        return answer.taken or became is None
