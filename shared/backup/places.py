"""Where a backup's files go on this machine: staged beside their places, put there, what was there set aside.

All of it happens inside the data folder, which may be a mount point that cannot be renamed. A mark stands while
files are moved, so that nothing starts on half of them.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from shared import disk
from shared.backup.manifest import BUS, MAILS, STORE
from shared.backup.steps import Steps
from shared.backup.zipped import Reader
from shared.errors import BadInput, ConfigError

STAGING: Final = ".restoring"
MARK: Final = "half-done"
_BESIDE: Final = ("", "-wal", "-shm", ".turns")  # the files of a database of SQLite, by their suffix


@dataclass(frozen=True, slots=True)
class Places:
    """The data folder, and the file of an embedded store, which may lie elsewhere; None for a server's."""

    data: Path
    store: Path | None
    bus: bool  # whether the log is embedded

    @property
    def staging(self) -> Path:
        return self.data / STAGING

    def targets(self) -> Mapping[str, Path]:
        """Name below the staging folder -> where it goes."""
        found = {"mail": self.data / "mail"}
        if self.store is not None:
            found["vigie.db"] = self.store
        if self.bus:
            found["bus.db"] = self.data / "bus.db"
        return found

    def filled(self) -> Path | None:
        """What stands there already."""
        return next((path for path in self.targets().values() if path.exists()), None)

    def stage(self, reader: Reader, steps: Steps) -> None:
        """Unpack, each part checked against its digest. Raises BadInput, ConfigError."""
        try:
            disk.private_folder(self.data)
            self.discard()
            (self.staging / "mail").mkdir(parents=True, mode=0o700)
            for name, path in self._unpacked(reader):
                steps.begin(f"unpack {path.name}", reader.manifest.members[name].size)
                with open(path, "xb", opener=_private) as file:
                    for block in reader.blocks(name):
                        file.write(block)
                        steps.moved(len(block))
                    file.flush()
                    os.fsync(file.fileno())
        except OSError as error:
            raise ConfigError(f"{self.staging} cannot be written: {error}. Check VIGIE_DATA_DIR.") from error

    def swap(self, at: datetime) -> Path | None:
        """Put what is staged in its place. Returns where what was there lies now, None where nothing was."""
        aside = self.data / f"before-{at:%Y%m%dT%H%M%SZ}"
        (self.staging / MARK).write_text(f"{aside}\n", "utf-8")
        _sync(self.staging)
        for path in (path for target in self.targets().values() for path in _files(target)):
            aside.mkdir(mode=0o700, exist_ok=True)
            shutil.move(path, aside / path.name)
        for name, target in self.targets().items():
            if (self.staging / name).exists():
                disk.private_folder(target.parent)
                shutil.move(self.staging / name, target)
        _sync(self.data)
        self.discard()
        return aside if aside.exists() else None

    def discard(self) -> None:
        """Remove what is staged."""
        if self.staging.exists():
            shutil.rmtree(self.staging)

    def _unpacked(self, reader: Reader) -> Iterator[tuple[str, Path]]:
        for name in reader.manifest.members:
            match name:
                case _ if name == STORE and self.store is not None:
                    yield name, self.staging / "vigie.db"
                case _ if name == BUS and self.bus:
                    yield name, self.staging / "bus.db"
                case _ if name.startswith(MAILS):
                    yield name, self.staging / "mail" / _plain(name)


def half_done(data: Path) -> str | None:
    """What to say when a restore was interrupted while files were moved; None when none was."""
    mark = data / STAGING / MARK
    if not mark.exists():
        return None
    aside = mark.read_text("utf-8").strip()
    return (
        f"a restore into {data} was interrupted half-way. Run `vigie restore FILE --replace` again; "
        f"what was there before lies in {aside}."
    )


def _files(target: Path) -> Iterator[Path]:
    yield from (path for suffix in _BESIDE if (path := target.with_name(target.name + suffix)).exists())


def _plain(name: str) -> str:
    """The file's own name; whoever made the backup does not choose folders. Raises BadInput."""
    plain = name.removeprefix(MAILS)
    if "/" in plain or plain.startswith("."):
        raise BadInput(f"{name!r} is no mail of Vigie")
    return plain


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
