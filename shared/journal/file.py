"""The file of a journal: one process holds it, and what is written is on the disk before the call returns."""

import errno
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from shared import disk
from shared.errors import Conflict, JournalUnavailable
from shared.journal.lines import (
    MARK,
    Content,
    Entry,
    Mark,
    Unreadable,
    entry_lines,
    head_line,
    mark_line,
    read,
    standing,
    written,
)


class JournalFile:
    """The opened file. `content` is None while nothing stands in it, `damage` says why it cannot be read.

    Raises Conflict where another process holds it, JournalUnavailable where it cannot be opened or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage: str | None = None
        self._content: Content | None = None
        self.standing: dict[tuple[str, bool], Entry] = {}
        with self._told():
            disk.private_folder(path.parent)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                self._hold()
                self._read()
            except BaseException:
                os.close(self._file)
                raise

    @property
    def content(self) -> Content | None:
        return self._content

    @property
    def mark(self) -> Mark:
        return self._begun().mark

    @property
    def key(self) -> bytes:
        return self._begun().head.key

    @property
    def id(self) -> str:
        return self._begun().head.journal

    def begin(self, content: Content) -> None:
        """Write a journal anew. One that cannot be read, or is another installation's, is kept beside it."""
        with self._told():
            if raw := self._whole():
                aside = self.path.with_name(f"{self.path.name}.before-{content.head.journal}")
                aside.touch(0o600)
                aside.write_bytes(raw)
            self._replace(content)
        self._take(content)

    def advance(self, mark: Mark) -> None:
        """The mark is on the disk when this returns."""
        with self._told():
            self._must_be_there()
            self._write_mark(mark)
            os.fdatasync(self._file)

    def note(self, mails: int) -> None:
        """Count on. It outlives this process, but perhaps not a power cut: the disk is not waited for."""
        with self._told():
            self._write_mark(replace(self.mark, mails=mails))

    def _write_mark(self, mark: Mark) -> None:
        os.pwrite(self._file, mark_line(mark), self._place)
        self._content = replace(self._begun(), mark=mark)

    def append(self, entries: Sequence[Entry]) -> None:
        """The lines are on the disk when this returns."""
        if not entries:
            return
        with self._told():
            self._must_be_there()
            end = os.fstat(self._file).st_size
            try:
                _write(self._file, entry_lines(entries), end)
                os.fdatasync(self._file)
            except OSError:
                os.ftruncate(self._file, end)  # half a line would spoil the next one
                raise
        self._take(replace(self._begun(), entries=(*self._begun().entries, *entries)))

    def close(self) -> None:
        os.close(self._file)

    def _begun(self) -> Content:
        assert self._content is not None
        return self._content

    def _take(self, content: Content) -> None:
        self._content, self.damage, self.standing = content, None, dict(standing(content.entries))
        self._place = len(head_line(content.head))  # of the mark

    def _whole(self) -> bytes:
        return os.pread(self._file, os.fstat(self._file).st_size, 0)

    def _hold(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"another process holds the journal {self.path}. "
                "Stop it, or give this one a journal of its own with VIGIE_JOURNAL."
            ) from None

    def _read(self) -> None:
        os.fchmod(self._file, 0o600)
        if not (raw := self._whole()):
            return
        try:
            self._take(read(raw))
        except Unreadable as error:
            self.damage = str(error)
            return
        if len(raw.split(b"\n", 2)[1]) + 1 != MARK:  # of a version whose mark was shorter
            self._replace(self._begun())
            return
        os.ftruncate(self._file, raw.rfind(b"\n") + 1)  # what a crash cut off

    def _replace(self, content: Content) -> None:
        os.ftruncate(self._file, 0)
        _write(self._file, written(content), 0)
        os.fsync(self._file)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _must_be_there(self) -> None:
        """A file that was removed while we hold it is written again; one that was replaced is for a person."""
        if self.path.exists():
            if os.stat(self.path).st_ino != os.fstat(self._file).st_ino:
                raise FileExistsError(errno.EEXIST, "it was replaced while it was in use; restart vigie")
            return
        fresh = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        os.close(self._file)
        self._file = fresh
        self._hold()
        self._replace(self._begun())

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise JournalUnavailable(
                f"the journal {self.path} cannot be used: {error.strerror or error}. No mail leaves without it: "
                "set VIGIE_JOURNAL to a file that this process can write, outside of what is backed up."
            ) from error


def _write(file: int, raw: bytes, at: int) -> None:
    if os.pwrite(file, raw, at) < len(raw):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
