"""What we say of a database that does not answer: which one, what is wrong, which setting, what to do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL

from shared import disk

DISK_FULL: Final = "53100"  # PostgreSQL's codes
READ_ONLY: Final = "25006"
TOO_LONG: Final = "57014"


def told(url: URL, error: BaseException) -> str:
    """A sentence for operators, without the password. `error` is the driver's."""
    return (
        _of_sqlite(Path(url.database or ""), error)
        if url.get_backend_name() == "sqlite"
        else _of_server(url, error)
    )


def damaged(path: Path, found: Sequence[str]) -> str:
    """The sentence for a file that SQLite itself calls damaged."""
    said = " ".join(" ".join(found).split())
    return (
        f"the database {path} is damaged: {said}. Stop Vigie and put back the latest backup: `vigie restore FILE "
        "--replace` keeps the damaged one. Without a backup move the file away: Vigie begins anew, and who had "
        "subscribed has to do it again."
    )


def _of_sqlite(path: Path, error: BaseException) -> str:
    if full := disk.full(path) if disk.says_full(error) else disk.room_lacks(path):
        return f"the database takes nothing ({error}): {full}"
    if disk.says_damaged(error):
        return damaged(path, [str(error)])
    if "no such" in str(error):  # a table, a column
        return f"the database {path} has not the schema of this program: {error}. Run `vigie migrate`."
    return f"the database {path} does not work: {error}. Check the folder that VIGIE_DATA_DIR names."


def _of_server(url: URL, error: BaseException) -> str:
    place, code = _place(url), getattr(error, "sqlstate", None)
    reason = str(error).strip().partition("\n")[0]
    if code == DISK_FULL:
        return (
            f"the disk of PostgreSQL at {place} is full: {reason}. Make room there; Vigie then goes on by itself."
        )
    if code == READ_ONLY or "read-only" in reason:
        return (
            f"PostgreSQL at {place} takes no writes ({reason}): it is a standby, or was made one. Vigie goes on "
            "by itself as soon as VIGIE_DATABASE_URL leads to a server that does."
        )
    if code == TOO_LONG:
        return (
            f"PostgreSQL at {place} was stopped in the middle of a question ({reason}). Where the archive was "
            "just filled it knows too little of it: run ANALYZE there. Else it has too much to do."
        )
    if code is None:  # it never came to a session, or lost it
        return (
            f"PostgreSQL at {place} does not answer or does not let us in: {reason}. "
            "Check address, user, password and database in VIGIE_DATABASE_URL, and the server."
        )
    return f"PostgreSQL at {place} (VIGIE_DATABASE_URL) does not answer: {reason}"


def _place(url: URL) -> str:
    """Host and port; of several hosts all, which the driver takes in the query."""
    hosts = url.query.get("host", ())
    several = hosts.split(",") if isinstance(hosts, str) else hosts
    return f"{url.host}:{url.port or 5432}" if url.host else ", ".join(several) or "its socket"
