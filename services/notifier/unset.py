"""A relay that was set and is not any more, as where a file of settings was lost: mails wait.

They would become files, which reach nobody, and count as sent. Who wants that clears the notice.
"""

from datetime import datetime
from pathlib import Path
from typing import Final

from sqlmodel import Session

from services.notifier.mime import Mail
from services.notifier.outcomes import Outcome
from services.notifier.sink import FileSink
from shared.config import Settings
from shared.errors import MailUnavailable
from shared.store import Store, memos
from shared.telemetry.facts import Weight
from shared.telemetry.notices import raise_notice, stands, withdraw
from shared.telemetry.told import told

UNSET: Final = "mails.unset"
_RELAYED: Final = "a relay was set"  # the memo


def look_for_relay(session: Session, settings: Settings, now: datetime) -> None:
    """At the start: remember the relay, or say that it is gone."""
    if settings.smtp_url:
        memos.write(session, _RELAYED, "", now)
        withdraw(session, UNSET)
    elif memos.read(session, _RELAYED):
        raise_notice(session, UNSET, Weight.RED, told(UNSET), now)


class WaitingSink(FileSink):
    """Writes no file while the notice stands."""

    def __init__(self, folder: Path, store: Store) -> None:
        super().__init__(folder)
        self._store, self._meant = store, False

    def send(self, mail: Mail) -> Outcome:
        if not self._meant:
            self._ask()
        return super().send(mail)

    def _ask(self) -> None:
        with self._store.reading() as session:
            waits, was_set = stands(session, UNSET), memos.read(session, _RELAYED)
        if waits:
            raise MailUnavailable(str(told(UNSET)))
        if was_set:  # somebody cleared the notice: files are meant from now on
            with self._store.writing() as session:
                memos.forget(session, _RELAYED)
        self._meant = True
