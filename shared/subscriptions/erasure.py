"""Erasure for good: what a database marks as free, or keeps in its write-ahead log, would still be readable."""

from collections.abc import Iterable
from itertools import islice
from typing import Final, NamedTuple

from sqlmodel import col, select

from shared.store import Store
from shared.store.sweep import empty_log
from shared.subscriptions import people
from shared.subscriptions.keys import Keys
from shared.subscriptions.tables import DeliveryRow
from shared.subscriptions.version import changing

AT_ONCE: Final = 400  # ids of one query; databases limit their number


class Erased(NamedTuple):
    """What an erasure took away: the ids of the mails, whose files go, too.

    `whole` is false while somebody reads an old state of the database, such as a backup: the old pages then stay
    in the write-ahead log until `empty_log` is called again, which the notifier does every hour.
    """

    mails: tuple[str, ...]
    whole: bool


def erase_for_good(store: Store, address: str, *, keys: Keys, reason: str = "erased") -> Erased:
    """Erase a person and every trace of the address. Raises BadAddress or NotFound."""
    with changing(store) as session:
        mails = people.erase(session, address, store.now(session), keys=keys, reason=reason)
    return Erased(mails, empty_log(store))


def purge_for_good(store: Store, *, keys: Keys) -> Erased:
    """Remove what nobody confirmed and who left long ago, and empty the log, also of what was erased before."""
    with changing(store) as session:
        mails = people.purge(session, store.now(session), keys=keys)
    return Erased(mails, empty_log(store))


def strays(store: Store, mails: Iterable[str]) -> frozenset[str]:
    """Those of the mails that the ledger does not know: their people are erased, only their files are left."""
    waiting, left = iter(mails), set[str]()
    with store.reading() as session:
        while batch := set(islice(waiting, AT_ONCE)):
            known = select(DeliveryRow.id).where(col(DeliveryRow.id).in_(batch))
            left |= batch - set(session.exec(known).all())
    return frozenset(left)
