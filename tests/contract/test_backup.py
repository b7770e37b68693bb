"""What a backup holds comes back as it was, on both databases; what is damaged or does not fit changes nothing."""

import json
import sqlite3
import threading
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from shared.archive.search import search
from shared.backup.manifest import BUS, STORE, BusKind, StoreKind
from shared.backup.places import Places, half_done
from shared.backup.putting import Kept, fits, put
from shared.backup.taking import take
from shared.backup.zipped import opened
from shared.bus import COLLECTED, TOPICS, Message
from shared.bus.sqlite import SqliteBus
from shared.clock import SystemClock
from shared.config import Settings
from shared.errors import BadInput, ConfigError, Conflict, StoreUnavailable
from shared.journal.restoring import NOTICE
from shared.journal.tables import LineageRow
from shared.store import Store
from shared.store.names import Names
from shared.store.tables import whole_metadata
from shared.subscriptions.erasure import erase_for_good
from shared.subscriptions.tables import ConsentRow, DeliveryRow, PersonRow
from shared.subscriptions.words import State
from shared.wiring import open_store
from tests.databases import execute
from tests.keeping import notices_of
from tests.mailing import KEYS, archive, assign_all, deliver_all, match, subscribe

CHANGES = ("lineage", "notices", "deliveries", "catching_up")  # what a restore itself writes


class Quiet:
    """Says nothing."""

    def begin(self, what: str, total: int) -> None: ...

    def moved(self, size: int) -> None: ...


@pytest.fixture
def data(store: Store, tmp_path: Path) -> Path:
    """The data folder; an embedded store lies in it."""
    return tmp_path


@pytest.fixture
def bus(data: Path) -> Iterator[SqliteBus]:
    bus = SqliteBus(data / "bus.db")
    bus.ensure_topics(TOPICS)
    bus.publish(COLLECTED, [Message("one", b"{}")])
    yield bus
    bus.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "elsewhere" / "backup.zip"


@pytest.fixture
def empty(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database that is not there yet, or has no table."""
    if store.sqlite:
        return f"sqlite:///{tmp_path / 'new' / 'vigie.db'}"
    name = f"vigie_{uuid.uuid4().hex[:12]}"
    server = request.getfixturevalue("postgres_url")
    execute(server, f"CREATE DATABASE {name}")
    return f"{server}/{name}"


def furnish(store: Store, data: Path) -> None:
    """A bit of everything."""
    subscribe(store, "bleibt@example.org")
    subscribe(store, "weg@example.org")
    match(store, archive(store, "one", title="Das Stromnetz wächst"))
    deliver_all(store)
    match(store, archive(store, "two", title="Die Turbine\tdreht\\sich\nwieder"))
    assign_all(store)
    (data / "mail").mkdir(exist_ok=True)
    with store.reading() as session:
        for id_ in session.exec(select(DeliveryRow.id)).all():
            (data / "mail" / f"{id_}.eml").write_bytes(b"To: bleibt@example.org")
    (data / "mail" / "unknown.eml").write_bytes(b"To: somebody who was erased")


def backed_up(store: Store, bus: SqliteBus, data: Path, file: Path) -> Path:
    take(store, bus, data / "mail", file, clock=SystemClock(), program="0", steps=Quiet())
    return file


def put_back(file: Path, url: str, data: Path, *, replace: bool = False) -> Kept:
    embedded = url.startswith("sqlite")
    places = Places(data, Path(url.removeprefix("sqlite:///")) if embedded else None, bus=True)
    server = None if embedded else Store(url)
    try:
        with opened(file) as reader:
            now = SystemClock().now()
            return put(reader, server, None, places, now=now, replace=replace, steps=Quiet())
    finally:
        if server is not None:
            server.close()


def within_the_largest(raw: bytes) -> int:
    """A place in the middle of what is kept whose last bit means something: deflate has some that do not."""
    with zipfile.ZipFile(BytesIO(raw)) as packed:
        largest = max(packed.infolist(), key=lambda part: part.compress_size)
        content = packed.read(largest)
    middle = largest.header_offset + largest.compress_size // 2 + 200
    places = range(middle, middle + 200)
    return next(place for place in places if unpacked(bit_changed(raw, place), largest.filename) != content)


def unpacked(raw: bytes, name: str) -> bytes | None:
    """The content of a part; None where it cannot be read."""
    try:
        with zipfile.ZipFile(BytesIO(raw)) as packed:
            return packed.read(name)
    except (zipfile.BadZipFile, zlib.error):
        return None


def bit_changed(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Table -> its rows, but for what a restore writes."""
    with store.reading() as session:
        return {
            table.name: sorted(map(tuple, session.execute(select(table)).all()), key=repr)
            for table in whole_metadata().sorted_tables
            if table.name not in CHANGES
        }


def test_everything_comes_back_and_goes_on_where_it_was(
    store: Store, bus: SqliteBus, data: Path, file: Path, empty: str, tmp_path: Path
) -> None:
    furnish(store, data)
    backed_up(store, bus, data, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["backup.zip"]
    kept = put_back(file, empty, tmp_path / "new")
    assert kept == Kept(None, None)
    with closing(Store(empty)) as back, closing(SqliteBus(tmp_path / "new" / "bus.db")) as log:
        assert everything(back) == everything(store)
        assert [record.message.key for record in log.read(COLLECTED, -1, 9)] == ["one"]
        with back.reading() as session:
            assert [item.item_id for item in search(session, "Turbine").items] == ["two"]
        subscribe(back, "neu@example.org")  # the numbers of rows go on
        match(back, archive(back, "three"))
        with back.reading() as session:
            mails = {path.stem for path in (tmp_path / "new" / "mail").iterdir()}
            assert mails < set(session.exec(select(DeliveryRow.id)).all())
            assert len(mails) == 4


def test_what_comes_back_is_marked_and_its_open_mails_are_held(
    store: Store, bus: SqliteBus, data: Path, file: Path, empty: str, tmp_path: Path
) -> None:
    furnish(store, data)
    put_back(backed_up(store, bus, data, file), empty, tmp_path / "new")
    with closing(Store(empty)) as back:
        assert [notice.key for notice in notices_of(back)] == [NOTICE]
        with back.reading() as session:
            assert session.exec(select(LineageRow.marked)).one()
            assert set(session.exec(select(DeliveryRow.state)).all()) == {State.SENT, State.HELD}


def test_what_is_there_is_not_replaced_unless_asked_and_then_kept(
    store: Store, bus: SqliteBus, data: Path, file: Path
) -> None:
    furnish(store, data)
    backed_up(store, bus, data, file)
    with pytest.raises(Conflict, match="--replace"):
        put_back(file, store.url, data)
    erase_for_good(store, "weg@example.org", keys=KEYS)
    before = everything(store)
    bus.close()
    store.engine.dispose()
    kept = put_back(file, store.url, data, replace=True)
    assert kept.folder is not None
    assert (kept.folder / "bus.db").exists()
    with closing(Store(store.url)) as back, back.reading() as session:
        assert len(session.exec(select(PersonRow)).all()) == 2
        if kept.schema:
            there = session.execute(text(f"SELECT count(*) FROM {kept.schema}.people")).scalar_one()
            consents = session.execute(text(f"SELECT count(*) FROM {kept.schema}.consents")).scalar_one()
            assert (there, consents) == (1, len(before["consents"]))
    if store.sqlite:
        with closing(Store(f"sqlite:///{kept.folder / 'vigie.db'}")) as old:
            assert everything(old) == before


# ---- what does not come back


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw[: len(raw) // 2],
        lambda raw: bit_changed(raw, within_the_largest(raw)),
        lambda _: b"PK not a zip",
        lambda _: b"",
    ],
    ids=["cut off", "one bit", "no zip", "empty"],
)
def test_a_damaged_backup_is_refused_and_nothing_has_changed(
    store: Store, bus: SqliteBus, data: Path, file: Path, spoil: Callable[[bytes], bytes]
) -> None:
    furnish(store, data)
    backed_up(store, bus, data, file)
    file.write_bytes(spoil(file.read_bytes()))
    bus.close()
    before = everything(store)
    with pytest.raises(BadInput):
        put_back(file, store.url, data, replace=True)
    assert everything(store) == before
    assert not (data / ".restoring").exists()
    assert [path for path in data.iterdir() if path.name.startswith("before-")] == []


def test_what_was_changed_and_packed_again_is_refused_by_its_digest(
    store: Store, bus: SqliteBus, data: Path, file: Path, empty: str, tmp_path: Path
) -> None:
    furnish(store, data)
    backed_up(store, bus, data, file)
    repack(file, {BUS: b"something else"})
    with pytest.raises(BadInput, match="digest"):
        put_back(file, empty, tmp_path / "new")


@pytest.mark.parametrize("name", ["mail/../../evil.eml", "mail/sub/evil.eml", "mail/.hidden"])
def test_a_backup_does_not_choose_where_its_files_go(
    store: Store, bus: SqliteBus, data: Path, file: Path, empty: str, tmp_path: Path, name: str
) -> None:
    furnish(store, data)
    backed_up(store, bus, data, file)
    repack(file, {name: b"evil"}, known=True)
    with pytest.raises(BadInput, match="no mail of Vigie"):
        put_back(file, empty, tmp_path / "new")


def repack(file: Path, changed: dict[str, bytes], *, known: bool = False) -> None:
    """The same file with other members, which its manifest knows or not."""
    from hashlib import sha256

    with zipfile.ZipFile(file) as old:
        members = {name: old.read(name) for name in old.namelist()} | changed
    manifest = json.loads(members["vigie.json"])
    if known:
        for name, raw in changed.items():
            manifest["members"][name] = {"size": len(raw), "sha256": sha256(raw).hexdigest()}
    members["vigie.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(file, "w") as new:
        for name, raw in members.items():
            new.writestr(name, raw)


def test_a_backup_of_another_kind_or_of_a_newer_program_is_refused(
    store: Store, bus: SqliteBus, data: Path, file: Path
) -> None:
    backed_up(store, bus, data, file)
    with opened(file) as reader:
        ours = reader.manifest.store
        other = next(kind for kind in StoreKind if kind is not ours)
        fits(reader.manifest, store=ours, bus=BusKind.EMBEDDED)
        with pytest.raises(BadInput, match="VIGIE_DATABASE_URL"):
            fits(reader.manifest, store=other, bus=BusKind.EMBEDDED)
        with pytest.raises(BadInput, match="VIGIE_BUS_URL"):
            fits(reader.manifest, store=ours, bus=BusKind.KAFKA)
        with pytest.raises(BadInput, match="newer"):
            fits(reader.manifest.model_copy(update={"revision": "9999"}), store=ours, bus=BusKind.EMBEDDED)


def test_a_damaged_database_is_not_backed_up(tmp_path: Path, file: Path, bus: SqliteBus, data: Path) -> None:
    from tests.fakes import a_store

    with closing(a_store(tmp_path / "sick")) as store:
        for name in map(str, range(40)):
            archive(store, name)
        with store.bare() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = tmp_path / "sick" / "vigie.db"
    raw = bytearray(path.read_bytes())
    raw[4096 * 20 : 4096 * 40] = b"\xff" * 4096 * 20
    path.write_bytes(raw)
    with closing(Store(f"sqlite:///{path}")) as store, pytest.raises((BadInput, StoreUnavailable)):
        backed_up(store, bus, data, file)
    assert list(file.parent.iterdir()) == []


def test_nothing_starts_on_a_restore_that_was_interrupted_half_way(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / ".restoring").mkdir(parents=True)
    assert half_done(data) is None
    (data / ".restoring" / "half-done").write_text(f"{data / 'before-x'}\n")
    with pytest.raises(ConfigError, match="--replace"):
        open_store(Settings(data_dir=data))


def test_a_restore_waits_for_nobody_who_is_at_work_on_the_server(
    request: pytest.FixtureRequest, tmp_path: Path, file: Path
) -> None:
    with (
        closing(Store(request.getfixturevalue("database_url"))) as server,
        closing(SqliteBus(tmp_path / "bus.db")) as bus,
    ):
        subscribe(server)
        backed_up(server, bus, tmp_path, file)
        names = Names(server, ["there.notifier"])
        names.hold()
        with pytest.raises(Conflict, match="at work"):
            put_back(file, server.url, tmp_path / "new", replace=True)
        names.close()


# ---- while others write


def test_a_backup_under_load_belongs_together(store: Store, bus: SqliteBus, data: Path, file: Path) -> None:
    """What the store learnt from the log, the log has: whoever writes publishes first, and then remembers."""
    stopping = threading.Event()

    def work() -> None:
        with closing(SqliteBus(data / "bus.db")) as log:
            number = 0
            while not stopping.is_set():
                number += 1
                log.publish(COLLECTED, [Message(f"n{number}", b"{}")])
                with store.writing() as session:
                    session.add(_line(number))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(3):
            backed_up(store, bus, data, file)
            assert _newest(file, store) <= _published(file)
    finally:
        stopping.set()
        thread.join()


def _line(number: int) -> ConsentRow:
    return ConsentRow(
        person="p",
        subscription="s",
        address_hash="",
        at=SystemClock().now(),
        event="requested",
        query="",
        every="daily",
        language="de",
        origin="load",
        text="",
        template="",
        reason=str(number),
    )


def _newest(file: Path, store: Store) -> int:
    with zipfile.ZipFile(file) as members:
        if not store.sqlite:
            return len(members.read("store/consents").splitlines())
        path = Path(members.extract(STORE, file.parent / "look"))
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM consents").fetchone()[0])


def _published(file: Path) -> int:
    with zipfile.ZipFile(file) as members:
        path = Path(members.extract(BUS, file.parent / "look"))
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM records WHERE key LIKE 'n%'").fetchone()[0])
