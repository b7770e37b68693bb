"""Names that one process of this machine holds in a folder: locks of files that the kernel frees with the process.

A holder writes into its file who it is and whose child. So who comes second is refused at once where the holder is
well, and waits where it is just ending: it says so, or its parent is gone.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from shared import disk
from shared.errors import ConfigError, Conflict

GONE_WITHIN: Final = 3.0  # seconds that the kernel may take to clear away a process that was killed
LOCK_WITHIN: Final = 15.0  # seconds to wait for the locks of a worker that is just ending
WELL_FOR: Final = 1.0  # seconds that a holder is seen to be well: a stop may be on its way to it
ENDING: Final = b" ending"
_TICK: Final = 0.1


def hold_names(folder: Path, names: Sequence[str], patience: float = LOCK_WITHIN) -> Sequence[int]:
    """Lock each name in `folder` for the life of this process. Returns the open files.

    Raises Conflict when another process is well and holds one, or still holds one after `patience` seconds,
    ConfigError when the folder cannot be written to.
    """
    deadline = time.monotonic() + patience
    return [_hold(folder, name, deadline) for name in names]


def hold_all(folder: Path, patience: float = GONE_WITHIN) -> Sequence[int]:
    """Lock every name that was ever held in `folder`. Returns the open files.

    Raises Conflict, naming one that a process still holds after `patience` seconds.
    """
    deadline = time.monotonic() + patience
    held: list[int] = []
    for path in sorted(folder.glob("*.lock")):
        held.append(os.open(path, os.O_RDWR | os.O_CLOEXEC))
        if not _locked(held[-1], deadline):
            for each in held:
                os.close(each)
            raise Conflict(f"{unquote(path.stem)} runs on {folder.parent}. Stop it first.")
    return held


def say_ending(locks: Sequence[int]) -> None:
    """The process lets go of these soon: who comes now waits for that."""
    for lock in locks:
        _write(lock, ENDING, os.fstat(lock).st_size)


def _hold(folder: Path, name: str, deadline: float) -> int:
    try:
        disk.private_folder(folder)
        lock = os.open(folder / f"{quote(name, safe='')}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise ConfigError(
            f"{folder} cannot be written to: {error}. Set VIGIE_DATA_DIR to another folder."
        ) from error
    if not _locked(lock, deadline):
        who = _who(lock)
        os.close(lock)
        raise Conflict(
            f"{name} is running already with this data folder{who}. "
            "Stop it first, or give this process another VIGIE_INSTANCE and VIGIE_DATA_DIR."
        )
    os.ftruncate(lock, 0)
    _write(lock, f"{os.getpid()} {os.getppid()}".encode(), 0)
    return lock


def _write(lock: int, said: bytes, at: int) -> None:
    """Into the file, unless the disk is full: the lock holds without, and who comes second waits."""
    with contextlib.suppress(OSError):
        os.pwrite(lock, said, at)


def _locked(lock: int, deadline: float) -> bool:
    """Lock an open file, waiting until then for the process that holds it, unless that one is well."""
    well_since: float | None = None
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except OSError:
            now = time.monotonic()
            well_since = (well_since or now) if _is_well(lock) else None
            if now > deadline or (well_since is not None and now - well_since > WELL_FOR):
                return False
            time.sleep(_TICK)


def _is_well(lock: int) -> bool:
    """Whether the holder runs as it began; no where that cannot be seen, as in another container."""
    return _holder(lock) is not None


def _holder(lock: int) -> tuple[int, str] | None:
    """Process id and state (`T`: stopped) of a holder that runs as it began; None where that cannot be seen."""
    said = os.pread(lock, 100, 0)
    try:
        pid, parent = map(int, said.split())
        state, whose = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
        return (pid, state) if int(whose) == parent else None
    except (ValueError, OSError):
        return None


def _who(lock: int) -> str:
    """By which process, and what lets it go on if somebody stopped it: `vigie status` sees a silent stage only."""
    holder = _holder(lock)
    if holder is None:
        return ""
    pid, state = holder
    return f", as process {pid}" + (f", which was stopped; `kill -CONT {pid}` lets it go on" * (state in "Tt"))
