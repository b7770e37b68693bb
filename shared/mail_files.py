"""The files that mails become while no relay is set: `<delivery_id>.eml` in one folder, and how they go."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

MAIL: Final = ".eml"
ASIDE: Final = ".part"


def forget(folder: Path, deliveries: Iterable[str]) -> None:
    """Remove the files of these mails, where there are any: finished ones, and one that was being written."""
    for delivery in deliveries:
        for suffix in (MAIL, ASIDE):
            (folder / f"{delivery}{suffix}").unlink(missing_ok=True)


def names(folder: Path) -> frozenset[str]:
    """The deliveries that have a file, finished or not."""
    files = folder.iterdir() if folder.is_dir() else ()
    return frozenset(path.stem for path in files if path.suffix in (MAIL, ASIDE))
