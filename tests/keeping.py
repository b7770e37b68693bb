"""A notifier with its journal, and copies of its database: for what restores do."""

import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import count
from pathlib import Path

from sqlmodel import select

from services.notifier.deliver import Deliverer
from services.notifier.pen import Pen
from shared.clock import Clock
from shared.errors import JournalUnavailable
from shared.journal.keeper import Keeper
from shared.journal.restoring import NOTICE
from shared.store import Store
from shared.subscriptions import deliveries
from shared.subscriptions.tables import DeliveryRow
from shared.subscriptions.words import State
from shared.telemetry.facts import Notice, Weight
from shared.telemetry.notices import notices
from tests.databases import alone, execute
from tests.mailing import KEYS, LINKS, TEMPLATES, ScriptedSender, archive, assign_all, match


def copy_of(store: Store, folder: Path, clock: Clock | None) -> Store:
    """The database as it stands now, as a second one: what a backup would hold."""
    if not store.sqlite:
        store.engine.dispose()
        (server, _, original), name = store.url.rpartition("/"), f"vigie_{uuid.uuid4().hex[:12]}"
        alone(server, original)
        execute(server, f"CREATE DATABASE {name} TEMPLATE {original}")
        return Store(f"{server}/{name}", clock)
    folder.mkdir(exist_ok=True)
    path = folder / f"copy-{uuid.uuid4().hex[:8]}.db"
    with closing(sqlite3.connect(path)) as target, store.bare() as source:
        source.backup(target)
    return Store(f"sqlite:///{path}", clock)


def keeper_of(
    store: Store, journal: Path, monotonic: Callable[[], float] = time.monotonic, instance: str = ""
) -> Keeper:
    return Keeper(
        store, journal, keys=lambda _: KEYS, forget=lambda _: None, monotonic=monotonic, instance=instance
    )


@contextmanager
def notifier(store: Store, journal: Path, sender: ScriptedSender | None = None) -> Iterator[Deliverer]:
    """What sends mail, as a process of its own would; at the end it is gone, without a word. Its time flies."""
    keeper = keeper_of(store, journal, monotonic=partial(next, count(0.0, 6.0)))
    yield Deliverer(
        store,
        sender or ScriptedSender(),
        keeper,
        pen=Pen("vigie@example.org", TEMPLATES),
        links=lambda _: LINKS,
        instance="here",
    )
    keeper.close()


def send_all(store: Store, journal: Path) -> list[str]:
    """A notifier starts, sends what is due, rests and ends. The recipients."""
    sender = ScriptedSender()
    with notifier(store, journal, sender) as deliverer:
        assign_all(store)
        while _stepped(deliverer):
            pass
    return [mail.recipient for mail in sender.mails]


def _stepped(deliverer: Deliverer) -> bool:
    try:
        return deliverer.step()
    except JournalUnavailable as error:
        if "Waiting whether another notifier" in str(error):
            return True
        raise


def notices_of(store: Store) -> list[Notice]:
    with store.reading() as session:
        return list(notices(session))


def states(store: Store) -> dict[str, str]:
    """State -> reason, of all deliveries."""
    with store.reading() as session:
        rows = session.exec(select(DeliveryRow)).all()
    return {State(row.state).value: row.error for row in rows}


def news(store: Store, name: str, clock: Clock, source: str = "dfki") -> None:
    """An item that is fetched, archived and matched now."""
    item = archive(store, name, title=f"Meldung {name}", source=source, fetched_at=clock.now())
    match(store, item)


def held(store: Store) -> list[str]:
    with store.reading() as session:
        return list(session.exec(select(DeliveryRow.error).where(DeliveryRow.state == State.HELD)).all())


def restored(store: Store) -> bool:
    return any(notice.key == NOTICE and notice.weight is Weight.RED for notice in notices_of(store))


def release_all(store: Store) -> None:
    with store.writing() as session:
        for row in session.exec(select(DeliveryRow).where(DeliveryRow.state == State.HELD)).all():
            deliveries.release(session, row.id, store.now(session))
