"""Keeps a journal beside a store: compares the two, and writes down what happens.

The order is what matters. Before mails leave, the store's generation grows in the transaction that claims them,
then the journal's, on the disk; when the queue is empty both grow once more. So the journal is never ahead of a
store that goes on where it was, however a process dies, and always ahead of a copy from before a mail left. Within
a batch the two count mails: that costs no disk, and tells a copy of its middle apart until the machine goes down.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Lock, local
from typing import Final
from urllib.parse import quote

from sqlalchemy import Connection
from sqlmodel import Session

from shared.boot import boot
from shared.errors import Conflict, JournalUnavailable
from shared.journal import lineage
from shared.journal.agree import Agreement, KeysOf
from shared.journal.endings import endings
from shared.journal.file import JournalFile
from shared.journal.lines import Mark, standing
from shared.journal.restoring import over
from shared.journal.ways import ended_ways
from shared.store import Store
from shared.store.sweep import empty_log

LOOK_EVERY: Final = 0.5  # seconds: a withdrawal that is younger when the machine dies is not in the journal
VOUCH_EVERY: Final = 5.0
OVER_EVERY: Final = 5.0


class _Sender(local):
    """What the keeper knows of the sender in this thread: each claims and seals for itself."""

    next: Mark | None = None  # of the store, while mails are being claimed
    mails = 0  # counted in the store, when one of its mails was remembered last
    left = False  # mails may have left since the generations last grew


class Keeper:
    """The journal at `path` of whoever sends mail out of `store`. Thread-safe: each sender lives in a thread.

    `keys` are the installation's, `forget` removes the files of mails whose people are erased again. `instance` is
    the name of this process among its like.
    """

    def __init__(
        self,
        store: Store,
        path: Path,
        *,
        keys: KeysOf,
        forget: Callable[[Iterable[str]], None],
        instance: str = "",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._path, self._instance = store, path, instance
        self._forget, self._monotonic = forget, monotonic
        self._agreement = Agreement(store, keys, monotonic)
        self._mutex = Lock()
        self._file: JournalFile | None = None
        self._copied = 0  # the last line of the consent record that was read
        self._ways: datetime | None = None  # the same of ways beside the mails, by the store's clock
        self._looked = self._vouched = self._asked = float("-inf")
        self._closed = False
        self._sender = _Sender()

    def look(self) -> bool:
        """Compare, and write down what ended since. False: there is never more to do at once.

        The first look finds out whether the store was restored. Raises JournalUnavailable, Conflict and
        StoreUnavailable; no mail may leave before one has succeeded.
        """
        with self._mutex:
            if self._closed:
                return False
            if self._file is None:
                self._file = self._opened()
            else:
                self._compare(self._file)
            self._copy(self._file)
            self._looked = self._monotonic()
            self._now_and_then(self._file, self._looked)
        return False

    def ready(self) -> None:
        """Before mails are claimed: a look, unless the last one is fresh. Raises as `look`."""
        if self._monotonic() - self._looked > LOOK_EVERY:
            self.look()

    def advance(self, session: Session) -> None:
        """In the transaction that claims mails. Raises JournalUnavailable where the store has gone back."""
        mark = Mark(lineage.advance(session), self._store.now(session))
        if mark.generation <= self._held().mark.generation:
            self._looked = float("-inf")
            raise JournalUnavailable("the database has gone back to an older state; looking again")
        self._sender.next = mark

    def seal(self) -> None:
        """After that transaction and before the first of its mails leaves: on the disk when this returns."""
        mark = self._sender.next
        assert mark is not None  # claims come first
        with self._mutex:
            self._sender.left = True
            known = self._held().mark
            if mark.generation > known.generation:  # a look, or another sender, may have been faster
                self._held().advance(replace(mark, mails=known.mails, boot=boot()))

    def count(self, connection: Connection) -> None:
        """In the transaction that remembers how a mail ended. A server does not go down with our machine."""
        self._sender.mails = lineage.count(connection) if self._store.sqlite else 0

    def counted(self) -> None:
        """After that transaction, before the next mail leaves."""
        with self._mutex:
            if self._sender.mails > self._held().mark.mails:
                self._held().note(self._sender.mails)

    def rest(self) -> None:
        """Nothing more is due. A copy that is made from now on knows of all that left."""
        if not self._sender.left:
            return
        with self._store.writing() as session:
            self.advance(session)
        self.seal()
        self._sender.left = False

    def close(self) -> None:
        """No mail leaves any more; another process may have the journal."""
        with self._mutex:
            if self._file is not None:
                self._file.close()
            self._file, self._closed = None, True

    def _held(self) -> JournalFile:
        assert self._file is not None  # a look came first
        return self._file

    def _opened(self) -> JournalFile:
        """On a server, a notifier whose like holds the journal here keeps one of its own beside it."""
        try:
            file = JournalFile(self._path)
        except Conflict:
            if self._store.sqlite or not self._instance:
                raise
            file = JournalFile(self._path.with_name(f"{self._path.name}.{quote(self._instance, safe='')}"))
        try:
            self._agree(file)
        except BaseException:
            file.close()
            raise
        return file

    def _agree(self, file: JournalFile) -> None:
        mails = self._agreement.make(file)
        self._copied, self._ways = 0, None
        if mails:
            self._forget(mails)
            empty_log(self._store)

    def _compare(self, file: JournalFile) -> None:
        """A server's database may be put back under our feet. The journal is read first: it is never ahead."""
        known = file.mark.generation
        with self._store.reading() as session:
            generation, now = lineage.generation(session), self._store.now(session)
        if generation < known:
            self._agree(file)
        elif generation > known and not self._store.sqlite:  # another notifier's mails
            file.advance(replace(file.mark, generation=generation, at=now))

    def _copy(self, file: JournalFile) -> None:
        with self._store.reading() as session:
            now, lines = self._store.now(session), list(endings(session, self._copied, file.key))
            ways = ended_ways(session, self._ways and min(self._ways, now), file.key)
        said = standing((*(entry for _, entry in lines), *ways))
        file.append([entry for place, entry in said.items() if file.standing.get(place) != entry])
        self._copied, self._ways = lines[-1][0] if lines else self._copied, now

    def _now_and_then(self, file: JournalFile, now: float) -> None:
        if not self._store.sqlite and now - self._vouched > VOUCH_EVERY:
            with self._store.writing() as session:
                lineage.vouch(session, file.id, self._store.now(session))
            self._vouched = now
        if now - self._asked > OVER_EVERY:
            over(self._store)
            self._asked = now
