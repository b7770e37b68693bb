"""How much room a disk has, what we say when it has none, and folders that nobody else reads."""

import errno
import shutil
from pathlib import Path
from typing import Final

LITTLE: Final = 500 << 20  # bytes: below them somebody should make room before it is urgent
LEAST: Final = 16 << 20  # bytes: a batch of 8 MB and the journal that takes it
OTHERS: Final = 0o077  # the rights of everybody but the owner


def free(path: Path) -> int:
    """Bytes that are free where `path` is, or where it will be made."""
    there = path.absolute()
    return shutil.disk_usage(next(p for p in (there, *there.parents) if p.exists())).free


def room_lacks(path: Path) -> str | None:
    """What to do when the next writes to `path` are going to fail; None while there is room."""
    return None if free(path) >= LEAST else full(path)


def full(path: Path) -> str:
    """The sentence for a disk that took no more."""
    return (
        f"the disk is full: {free(path) >> 20} MB are free for {path}, and Vigie needs {LEAST >> 20}. "
        "Make room in the folder that VIGIE_DATA_DIR names; Vigie then goes on by itself."
    )


def became_of(path: Path, inode: int) -> str | None:
    """What happened to a file that was opened as `inode`; None while it is there."""
    try:
        return None if path.stat().st_ino == inode else "was replaced by another file"
    except FileNotFoundError:
        return "is gone: somebody deleted or moved it"


def says_damaged(error: BaseException) -> bool:
    """Whether SQLite cannot make sense of a file."""
    return any(words in str(error) for words in ("malformed", "not a database"))


def says_full(error: BaseException) -> bool:
    """Whether an error of SQLite or of the system means that the disk took no more."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return "disk is full" in str(error)


def private_folder(path: Path) -> None:
    """Make a folder that is its owner's alone, and so those above it that are missing. One that is there stays."""
    if path.is_dir():
        return
    private_folder(path.absolute().parent)
    path.mkdir(mode=0o700, exist_ok=True)


def open_to_others(path: Path) -> bool:
    """Whether anybody but the owner may look into an existing folder."""
    return bool(path.stat().st_mode & OTHERS)
