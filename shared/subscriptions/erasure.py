"""Erasure for good: what a database marks as free, or keeps in its write-ahead log, would still be readable."""

from collections.abc import Iterable
from itertools import islice
from typing import Final, NamedTuple

from sqlmodel import col, select

from shared.store import Store
from shared.store.sweep import empty_log
from shared.subscriptions import moving, own, people
from shared.subscriptions.elsewhere import webhooks
from shared.subscriptions.keys import Keys
from shared.subscriptions.retention import (
    USUAL,
    Retention,
    ask_to_keep,
    bodies_to_forget,
    forget_bodies,
    forget_proof,
)
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


def purge_for_good(store: Store, *, keys: Keys, retention: Retention = USUAL) -> Erased:
    """Remove what nobody confirmed, who left long ago, what was kept long enough; ask who heard nothing for long.

    Empties the log, too, also of what was erased before.
    """
    with changing(store) as session:
        now = store.now(session)
        ask_to_keep(session, now, keys=keys, retention=retention)
        mails = people.purge(session, now, keys=keys, after=retention.address)
        forget_bodies(session, now, retention)
        forget_proof(session, now, retention)
        own.forget_used(session, now)
        moving.forget(session, before=now)
        webhooks.forget(session, now)
    return Erased(mails, empty_log(store))


def strays(store: Store, mails: Iterable[str]) -> frozenset[str]:
    """Those of the mails that the ledger does not know: their people are erased, only their files are left."""
    waiting, left = iter(mails), set[str]()
    with store.reading() as session:
        while batch := set(islice(waiting, AT_ONCE)):
            known = select(DeliveryRow.id).where(col(DeliveryRow.id).in_(batch))
            left |= batch - set(session.exec(known).all())
    return frozenset(left)


def outlived(store: Store, mails: Iterable[str], retention: Retention) -> frozenset[str]:
    """Those of the mails whose words were kept long enough."""
    found, rest = set[str](), iter(mails)
    with store.reading() as session:
        now = store.now(session)
        while some := list(islice(rest, AT_ONCE)):
            found.update(bodies_to_forget(session, some, now, retention))
    return frozenset(found)
