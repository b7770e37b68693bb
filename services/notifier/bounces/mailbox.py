"""Reads the mailbox that mails come back to, by IMAP: what came since the last visit, and leaves it there.

Where we stopped is a memo, `<validity of the numbers>.<number of the next mail>`. When the server numbers its
mails anew, those of the last weeks are read again: each counts once, however often it is read.
"""

import logging
from datetime import timedelta
from typing import Final

from services.notifier.bounces.book import Book, Said
from services.notifier.bounces.parts import LONGEST
from shared.config import Settings
from shared.errors import FetchFailed
from shared.imap import Folder, opened
from shared.mailboxes import Account
from shared.store import Store, memos
from shared.telemetry.facts import Weight
from shared.telemetry.notices import raise_notice, withdraw
from shared.telemetry.told import as_said

log = logging.getLogger(__name__)

NAME: Final = "bounces"  # of the mailbox, in VIGIE_MAILBOXES
UNREAD: Final = "bounces.unread"
EVERY: Final = 60.0  # seconds
LOOK_BACK: Final = timedelta(days=30)
MOST: Final = 200  # mails of one visit; the rest waits for the next, at once
FOLDER: Final = "INBOX"


def account_of(settings: Settings) -> Account | None:
    """The mailbox that mails come back to; None where none is named."""
    return next((account for account in settings.mail_accounts if account.name == NAME), None)


class ReturnBox:
    """The mailbox. `visit` is True while there is more to read."""

    def __init__(self, settings: Settings, store: Store, account: Account) -> None:
        self._settings, self._store, self._account = settings, store, account
        self._book = Book(settings, store, dry=False)

    def visit(self) -> bool:
        """Read what came. A mailbox that cannot be read is told, and is tried again."""
        try:
            with opened(self._account, FOLDER, self._settings) as folder:
                more = self._read(folder)
        except FetchFailed as error:
            with self._store.writing() as session:
                raise_notice(session, UNREAD, Weight.WARNING, as_said(str(error)), self._store.now(session))
            return False
        with self._store.writing() as session:
            withdraw(session, UNREAD)
        return more

    def _read(self, folder: Folder) -> bool:
        with self._store.reading() as session:
            memo, now = memos.read(session, NAME), self._store.now(session)
        validity, _, following = (memo.text if memo else "").partition(".")
        first = int(following) if validity == str(folder.opened.validity) else 1
        uids = folder.uids(first, (now - LOOK_BACK).date())
        for envelope in folder.envelopes(uids[:MOST]):
            # a report carries one of our mails, and those are small
            mail = folder.mail(envelope.uid) if envelope.size <= LONGEST else None
            if mail is not None:
                _tell(self._book.enter(mail))
            self._stop_at(folder.opened.validity, envelope.uid + 1)
        return len(uids) > MOST

    def _stop_at(self, validity: int, following: int) -> None:
        with self._store.writing() as session:
            memos.write(session, NAME, f"{validity}.{following}", self._store.now(session))


def _tell(said: Said) -> None:
    fields = {"delivery": said.delivery, "verdict": said.verdict, "code": said.code, "followed": said.followed}
    log.info("a mail came back", extra=fields)
