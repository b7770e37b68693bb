"""Erasure for good: what a database only marks as free would still be there to read.

The one place with SQLite's own words: `secure_delete` writes zeros over what is deleted, and the write-ahead log,
which holds the old pages, is emptied into the file. PostgreSQL's vacuum does its part by itself.
"""

from shared.store import Store
from shared.subscriptions import people
from shared.subscriptions.version import changing


def erase_for_good(store: Store, address: str, *, key: bytes, reason: str = "erased") -> tuple[str, ...]:
    """Erase a person and every trace of the address. Returns the ids of the mails: their files go, too.

    Raises BadAddress or NotFound.
    """
    with changing(store) as session:
        if store.sqlite:
            session.connection().exec_driver_sql("PRAGMA secure_delete=ON")
        mails = people.erase(session, address, store.now(session), key=key, reason=reason)
    if store.sqlite:
        _empty_log(store)
    return mails


def _empty_log(store: Store) -> None:
    connection = store.engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
