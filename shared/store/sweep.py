"""What was deleted is gone from the files of an embedded database, too. SQLite's own words for it stand here.

`secure_delete`, which every connection sets, writes zeros over what is deleted; the write-ahead log still holds
the old pages until it is emptied into the file. A file from before every connection did so is rewritten once.
PostgreSQL's vacuum does its part by itself, when the server thinks it is time.
"""

import logging
from typing import Final

from shared import disk
from shared.errors import StoreUnavailable
from shared.store import Store

log = logging.getLogger(__name__)

SWEPT: Final = 1  # the file's `user_version`: nothing deleted is left in it from before


def empty_log(store: Store) -> bool:
    """Empty the write-ahead log into the file. False while somebody reads an old state of it: try again later."""
    if not store.sqlite:
        return True
    with store.turn(), store.bare() as connection:
        (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy


def sweep_once(store: Store) -> bool:
    """Rewrite a file that may hold deleted rows of old; True when this call did.

    The file remembers it in the step that ends the work, so that one that was interrupted is done again. A disk
    without the room for it is no reason not to start: it is said, and tried again at the next start.
    """
    if not store.sqlite or not _waits(store):
        return False
    try:
        with store.turn(), store.bare() as connection:
            connection.execute("PRAGMA temp_store=FILE")  # for its copy of everything, which memory may not hold
            connection.execute("VACUUM")
            connection.execute(f"PRAGMA user_version={SWEPT}")
    except StoreUnavailable as error:
        if not disk.says_full(error):
            raise
        log.warning("old deletions not swept from the database yet", extra={"reason": str(error)})
        return False
    empty_log(store)
    return True


def _waits(store: Store) -> bool:
    with store.bare() as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        return int(version) < SWEPT
