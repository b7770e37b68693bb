"""Gives up what the operator's rules keep for a time only: a few items at a time, so that nobody waits for it."""

import logging
from collections.abc import Iterator, Sequence

from shared.archive.expiry import Over, give_up, over
from shared.archive.locks import alone
from shared.keep_rules import Rule
from shared.store import Store

log = logging.getLogger(__name__)


class Keeping:
    """One round after the other."""

    def __init__(self, store: Store, rules: Sequence[Rule]) -> None:
        self._store, self._rules = store, rules
        self._waiting: Iterator[Over] = iter(())

    def step(self) -> int:
        """Give up the next few; how many, 0 at the end of a round. What fails is found again by the next."""
        batch = next(self._waiting, None) or self._look()
        if batch is None:
            return 0
        with self._store.writing() as session:
            alone(self._store, session)
            gone = give_up(self._store, session, batch)
        log.info("given up", extra={"items": len(batch.items), "texts": len(batch.texts), "gone": gone})
        return len(batch.items) + len(batch.texts)

    def _look(self) -> Over | None:
        if not self._rules:
            return None
        with self._store.reading() as session:
            self._waiting = over(session, self._rules, self._store.now(session)).batches()
        return next(self._waiting, None)
