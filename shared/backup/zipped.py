"""The file of a backup: a ZIP that appears whole or not at all, with a digest for every member.

Its end is its table of contents, so a file that was cut off is known at once.
"""

import os
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from shared.backup.manifest import NAME, Manifest, Member, read_manifest
from shared.errors import BadInput

AT_ONCE: Final = 1 << 20  # bytes
FAST: Final = 1  # of zlib: half the size of a text costs little, the rest costs a night

Progress = Callable[[int], object]  # told how many bytes went by


class Writer:
    """Writes `path` aside and puts it in its place in `finish`; without that nothing is left."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self._path, self._aside, self._progress = path, path.with_name(f".{path.name}.part"), progress
        self._members: dict[str, Member] = {}
        self._file = os.open(self._aside, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._raw = os.fdopen(self._file, "w+b")
        self._zip = zipfile.ZipFile(self._raw, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST)

    def add(self, name: str, blocks: Iterable[bytes]) -> None:
        digest, size = sha256(), 0
        with self._zip.open(name, "w", force_zip64=True) as member:
            for block in blocks:
                member.write(block)
                digest.update(block)
                size += len(block)
                self._progress(len(block))
        self._members[name] = Member(size=size, sha256=digest.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        self._zip.writestr(NAME, manifest.model_copy(update={"members": self._members}).text())
        self._zip.close()
        self._raw.flush()
        os.fsync(self._raw.fileno())
        self._raw.close()
        os.replace(self._aside, self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if error is not None and not self._raw.closed:
            with suppress(OSError):  # a full disk
                self._zip.close()
            self._raw.close()
            self._aside.unlink(missing_ok=True)


class Reader:
    """An opened backup. Raises BadInput for a file that is none, or was cut off, or changed."""

    def __init__(self, file: zipfile.ZipFile, path: Path) -> None:
        self._zip, self._path = file, path
        try:
            self.manifest = read_manifest(file.read(NAME))
        except KeyError:
            raise BadInput(f"{path} is no backup of Vigie: it has no {NAME}") from None
        missing = self.manifest.members.keys() - set(file.namelist())
        if missing:
            raise BadInput(f"{path} lacks {', '.join(sorted(missing)[:3])}")

    def names(self, below: str) -> tuple[str, ...]:
        return tuple(name for name in self.manifest.members if name.startswith(below))

    def blocks(self, name: str) -> Iterator[bytes]:
        """The bytes of a member. Raises BadInput at their end when they are not those that were written."""
        digest = sha256()
        try:
            with self._zip.open(name) as member:
                while block := member.read(AT_ONCE):
                    digest.update(block)
                    yield block
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
            raise BadInput(f"{name} in {self._path} is damaged: {error}") from error
        if digest.hexdigest() != self.manifest.members[name].sha256:
            raise BadInput(f"{name} in {self._path} is not what was written: its digest differs")

    def verify(self, progress: Progress) -> None:
        """Read everything once. Raises BadInput."""
        for name in self.manifest.members:
            for block in self.blocks(name):
                progress(len(block))

    @property
    def size(self) -> int:
        """Bytes of all members, unpacked."""
        return sum(member.size for member in self.manifest.members.values())


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """Raises BadInput for a file that cannot be read or is no backup."""
    try:
        with zipfile.ZipFile(path) as file:
            yield Reader(file, path)
    except (OSError, zipfile.BadZipFile, zlib.error) as error:
        why = (isinstance(error, OSError) and error.strerror) or error
        raise BadInput(f"{path} cannot be read as a backup: {why}") from error


def blocks_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file."""
    with path.open("rb") as file:
        while block := file.read(AT_ONCE):
            yield block
