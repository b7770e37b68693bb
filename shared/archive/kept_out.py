"""The list of what was taken out for good, beside the journal and outside of every backup.

A database that was put back has the items again, and does not know that they were taken out since. The list does:
it holds ids, which are hashes of addresses, with reason and time, and nothing of the items.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.archive.locks import alone
from shared.archive.removal import Because, Removed, remove, removed_among
from shared.clock import rfc3339
from shared.errors import JournalUnavailable
from shared.store import Store


def list_beside(journal: Path) -> Path:
    """Where the list of an installation is, whose journal is there."""
    return journal.with_name(f"{journal.name}.removed")


def remember(path: Path, removed: Iterable[Removed]) -> None:
    """Add them to the list, on the disk when this returns. Raises JournalUnavailable."""
    lines = "".join(f"{json.dumps(_line(each))}\n" for each in removed)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise JournalUnavailable(
            f"the list of removed items {path} cannot be written: {error.strerror}"
        ) from error


def keep_out(store: Store, path: Path) -> int:
    """Take out again what the list names and the store does not know of; how many that were."""
    listed = {each["item_id"]: each for each in _read(path)}
    if not listed:
        return 0
    with store.reading() as session:
        missing = listed.keys() - removed_among(session, listed)
    if not missing:
        return 0
    with store.writing() as session:
        alone(store, session)
        for item_id in sorted(missing):
            line = listed[item_id]
            remove(session, item_id, Because(line["reason"]), datetime.fromisoformat(line["removed_at"]))
    return len(missing)


def _line(removed: Removed) -> Mapping[str, Any]:
    return {"item_id": removed.item_id, "reason": removed.reason, "removed_at": rfc3339(removed.removed_at)}


def _read(path: Path) -> Iterator[Mapping[str, Any]]:
    """Raises JournalUnavailable. A line that was cut off by a crash is passed over."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise JournalUnavailable(f"the list of removed items {path} cannot be read: {error}") from error
    for line in text.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        yield found
