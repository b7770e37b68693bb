"""Puts a backup back: checked first, then in its place at once, and what it replaces is kept.

The store that comes back is marked as restored in the same step, so that its mails wait for a person.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from shared.backup.manifest import TABLES, BusKind, Manifest, StoreKind
from shared.backup.places import Places
from shared.backup.steps import Steps
from shared.backup.zipped import Reader
from shared.bus import TOPICS, Bus
from shared.bus.sqlite_file import VERSION
from shared.clock import rfc3339
from shared.errors import BadInput, Conflict, NotFound
from shared.journal.lineage import mark_restored
from shared.journal.restoring import hold_mails
from shared.store import Store, postgres_copy, sqlite_copy
from shared.store.migrate import build, upgrade
from shared.store.schema import knows
from shared.store.sweep import empty_log, sweep_once
from shared.subscriptions.version import changing, lock
from shared.telemetry.told import told


@dataclass(frozen=True, slots=True)
class Kept:
    """Where what was replaced lies: a folder, a schema of the database; None where there was nothing."""

    folder: Path | None
    schema: str | None


def fits(manifest: Manifest, *, store: StoreKind, bus: BusKind) -> None:
    """Raises BadInput when the backup is of another kind of installation, or of a newer program."""
    if manifest.store is not store:
        raise BadInput(f"the backup holds {manifest.store}, and VIGIE_DATABASE_URL names {store}")
    if manifest.bus is not bus:
        raise BadInput(f"the backup was taken with the bus {manifest.bus}, and VIGIE_BUS_URL names {bus}")
    if not knows(manifest.revision):
        raise BadInput(
            f"the backup's database has schema {manifest.revision}: it is of a newer Vigie. Update first."
        )


def put(
    reader: Reader,
    store: Store | None,
    bus: Bus | None,
    places: Places,
    *,
    now: datetime,
    replace: bool,
    steps: Steps,
) -> Kept:
    """`store` and `bus` are those of servers, None for embedded ones.

    Raises Conflict where something is there and must not be replaced, or is at work; BadInput for a backup that is
    damaged; ConfigError, StoreUnavailable, BusUnavailable. Nothing has changed then.
    """
    if not replace and (there := places.filled()):
        raise Conflict(f"{there} is there already. --replace sets it aside, and keeps it.")
    if bus is not None:
        bus.ensure_topics(TOPICS)  # it must answer before anything is touched
    try:
        places.stage(reader, steps)
        _look_through(places, reader.manifest, steps)
        schema = _load(reader, store, now, steps, replace=replace) if store is not None else None
    except BaseException:
        places.discard()
        raise
    kept = Kept(places.swap(now), schema)
    if bus is not None:
        _rewind(bus, reader.manifest)
    return kept


def _rewind(bus: Bus, manifest: Manifest) -> None:
    for group in manifest.groups:
        with suppress(NotFound):  # one that never read begins at its first record
            bus.rewind(group.topic, group.group, group.since)


def _look_through(places: Places, manifest: Manifest, steps: Steps) -> None:
    """Files are read from end to end before they count; the store gets this program's schema, and the mark."""
    if places.bus:
        steps.begin("check bus.db", 0)
        sqlite_copy.look_through(places.staging / "bus.db")
        if int(str(sqlite_copy.value(places.staging / "bus.db", "PRAGMA user_version"))) > VERSION:
            raise BadInput("the backup's log is of a newer Vigie. Update first.")
    if places.store is None:
        return
    steps.begin("check vigie.db", 0)
    file = places.staging / "vigie.db"
    sqlite_copy.look_through(file)
    store = Store(f"sqlite:///{file}")
    try:
        upgrade(store.url)
        sweep_once(store)
        with changing(store) as session:
            _mark(session, store.now(session), manifest)
        empty_log(store)
    finally:
        store.close()


def _load(reader: Reader, store: Store, now: datetime, steps: Steps, *, replace: bool) -> str | None:
    """All of it in one transaction of the server: what was there moves into a schema of its own."""
    manifest, schema = reader.manifest, f"vigie_before_{now:%Y%m%dt%H%M%Sz}"
    with store.writing() as session:
        connection = session.connection()
        there = postgres_copy.filled(connection)
        if postgres_copy.at_work(connection):
            raise Conflict("a process of Vigie is at work on this database. Stop every one, on every machine.")
        if there and not replace:
            raise Conflict(
                "the database holds items or people already. --replace sets them aside, and keeps them."
            )
        postgres_copy.set_aside(connection, schema)
        build(connection, manifest.revision)
        for table, columns in manifest.tables.items():
            name = f"{TABLES}{table}"
            steps.begin(f"table {table}", manifest.members[name].size)
            postgres_copy.fill(connection, table, columns, _told(reader.blocks(name), steps))
            postgres_copy.count_on(connection, table)
        build(connection)
        _mark(session, store.now(session), manifest)
        if not there:
            postgres_copy.drop(connection, schema)
    return schema if there else None


def _mark(session: Session, now: datetime, manifest: Manifest) -> None:
    """As if a notifier had found out: mails wait, and the next one to look need not find out again."""
    lock(session)
    mark_restored(session, now)
    hold_mails(session, now, told("restored.backup", at=f"{rfc3339(manifest.at)}"))


def _told(blocks: Iterator[bytes], steps: Steps) -> Iterator[bytes]:
    for block in blocks:
        steps.moved(len(block))
        yield block
