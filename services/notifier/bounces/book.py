"""The store door of bounce reading: one mail at a time, each in a transaction of its own."""

from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from sqlmodel import Session

from services.notifier.bounces.effects import follow, identified
from services.notifier.bounces.read import read_bounce
from services.notifier.bounces.status import Verdict
from shared.config import Settings
from shared.errors import BadLink
from shared.store import Store
from shared.subscriptions.keyring import known_keys, made_keys
from shared.subscriptions.keys import Keys
from shared.subscriptions.version import changing
from shared.wiring import open_store, ready_store


@dataclass(frozen=True, slots=True)
class Said:
    """What a mail was: its verdict, the code that decided, our mail that it is about; what was done."""

    verdict: Verdict
    code: str | None
    delivery: str | None
    followed: str = ""


class Book:
    """Where bounces are entered. One that only looks changes nothing, and needs no database."""

    def __init__(self, settings: Settings, store: Store | None, *, dry: bool) -> None:
        self._settings, self._store, self._dry = settings, store, dry

    @classmethod
    def ready(cls, settings: Settings) -> Self:
        """Raises Unavailable without a database."""
        return cls(settings, ready_store(settings), dry=False)

    @classmethod
    def looking(cls, settings: Settings) -> Self:
        missing = not settings.database_url and not (settings.data_dir / "vigie.db").exists()
        return cls(settings, None if missing else open_store(settings), dry=True)

    def enter(self, mail: bytes) -> Said:
        """Read a mail, and do what follows from it."""
        bounce = read_bounce(mail)
        if bounce.verdict is Verdict.NOTHING:
            return Said(bounce.verdict, None, None)
        if self._store is None:
            return Said(bounce.verdict, bounce.code, None)
        if self._dry:
            with self._store.reading() as session:
                delivery = identified(session, bounce, self._known(session), self._store.now(session))
            return Said(bounce.verdict, bounce.code, delivery)
        with changing(self._store) as session:
            keys, now = made_keys(session, self._settings), self._store.now(session)
            followed = follow(session, bounce, keys, now)
        return Said(bounce.verdict, bounce.code, followed.delivery, followed.said)

    def _known(self, session: Session) -> Keys | None:
        with suppress(BadLink):
            return known_keys(session, self._settings)
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._store is not None:
            self._store.close()
