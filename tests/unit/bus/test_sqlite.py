"""What the embedded bus promises beyond the port: one reader, retention, and plain words when the disk refuses."""

import multiprocessing
import resource
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from shared import disk
from shared.bus import DEAD, Message
from shared.bus.sqlite import SqliteBus
from shared.errors import BusUnavailable, Conflict, NotFound
from tests.fakes import FakeClock

SPAWN = multiprocessing.get_context("spawn")
KEEP = timedelta(days=30)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def bus(tmp_path: Path, clock: FakeClock) -> Iterator[SqliteBus]:
    bus = SqliteBus(tmp_path / "bus.db", clock)
    yield bus
    bus.close()


def publish(bus: SqliteBus, *values: str, topic: str = "topic") -> None:
    bus.publish(topic, [Message("key", value.encode()) for value in values])


def offsets(bus: SqliteBus, topic: str = "topic") -> list[int]:
    return [record.offset for record in bus.read(topic, -1, 10_000)]


def read_all(bus: SqliteBus, group: str, topic: str = "topic") -> None:
    reader = bus.reader(topic, group)
    reader.commit(reader.poll(10_000, 0.0))
    reader.close()


def test_a_second_reader_in_the_same_process_is_refused(bus: SqliteBus) -> None:
    bus.reader("topic", "group")
    refused: list[str] = []

    def second() -> None:
        with pytest.raises(Conflict) as error:
            bus.reader("topic", "group")
        refused.append(str(error.value))

    thread = threading.Thread(target=second)
    thread.start()
    thread.join()
    assert "'group' on topic" in refused[0]


def _try_to_read(path: Path, answers: Connection) -> None:
    try:
        SqliteBus(path).reader("topic", "group")
        answers.send("reads")
    except Conflict:
        answers.send("refused")


def test_a_second_reader_in_another_process_is_refused_until_the_first_leaves(bus: SqliteBus) -> None:
    first = bus.reader("topic", "group")
    assert _answer_of_another_process(partial(_try_to_read, bus.path)) == "refused"
    first.close()
    assert _answer_of_another_process(partial(_try_to_read, bus.path)) == "reads"


def _answer_of_another_process(question: Callable[[Connection], None]) -> str:
    ours, theirs = SPAWN.Pipe()
    child = SPAWN.Process(target=question, args=(theirs,))
    child.start()
    answer = str(ours.recv()) if ours.poll(20) else "no answer"
    child.join()
    return answer


def test_other_groups_and_topics_are_free(bus: SqliteBus) -> None:
    bus.reader("topic", "group")
    bus.reader("topic", "other")
    bus.reader("other", "group")


def test_retention_deletes_what_is_old_and_read(bus: SqliteBus, clock: FakeClock) -> None:
    publish(bus, "old", "old too")
    clock.advance(days=31)
    publish(bus, "new")
    read_all(bus, "group")
    assert bus.trim(clock.now(), KEEP) == 2
    assert offsets(bus) == [2]


def test_retention_never_passes_the_slowest_group(bus: SqliteBus, clock: FakeClock) -> None:
    publish(bus, "a", "b", "c")
    read_all(bus, "fast")
    slow = bus.reader("topic", "slow")
    slow.commit(slow.poll(1, 0.0))
    clock.advance(days=365)
    assert bus.trim(clock.now(), KEEP) == 1
    assert offsets(bus) == [1, 2]


def test_retention_never_passes_a_rewind_that_waits_for_its_reader(bus: SqliteBus, clock: FakeClock) -> None:
    publish(bus, "a", "b")
    begun = clock.now()
    read_all(bus, "group")
    bus.rewind("topic", "group", begun)
    clock.advance(days=365)
    assert bus.trim(clock.now(), KEEP) == 0


@pytest.mark.parametrize("ahead", [3, 3650])
def test_retention_goes_on_past_records_of_a_clock_that_was_ahead(
    bus: SqliteBus, clock: FakeClock, ahead: int
) -> None:
    publish(bus, "old")
    clock.advance(days=ahead)
    publish(bus, "of the future")
    clock.advance(days=-ahead, hours=1)
    publish(bus, "young")
    read_all(bus, "group")
    assert bus.trim(clock.now(), KEEP) == 0
    clock.advance(days=35)
    publish(bus, "new")
    read_all(bus, "group")
    assert bus.trim(clock.now(), KEEP) == 3
    assert offsets(bus) == [3]


def test_retention_keeps_records_of_the_future_as_long_as_those_after_them(
    bus: SqliteBus, clock: FakeClock
) -> None:
    clock.advance(days=3650)
    publish(bus, "of the future")
    clock.advance(days=-3650)
    publish(bus, "right")
    read_all(bus, "group")
    clock.advance(days=29)
    assert bus.trim(clock.now(), KEEP) == 0


def test_dead_letters_wait_for_a_person(bus: SqliteBus, clock: FakeClock) -> None:
    publish(bus, "sick", topic="topic" + DEAD)
    clock.advance(days=365)
    assert bus.trim(clock.now(), KEEP) == 0


def test_offsets_are_never_given_twice(bus: SqliteBus, clock: FakeClock) -> None:
    publish(bus, "a", "b")
    read_all(bus, "group")
    clock.advance(days=31)
    bus.trim(clock.now(), KEEP)
    publish(bus, "c")
    assert offsets(bus) == [2]
    assert bus.lag("topic", "group") == 1
    assert bus.lag("topic", "a group that comes later") == 1


def test_more_than_one_transaction_may_be_needed_to_trim(bus: SqliteBus, clock: FakeClock) -> None:
    publish(bus, *map(str, range(4500)))
    read_all(bus, "group")
    clock.advance(days=31)
    assert bus.trim(clock.now(), KEEP) == 4500


def test_a_group_that_never_read_cannot_be_sent_back(bus: SqliteBus, clock: FakeClock) -> None:
    publish(bus, "a")
    with pytest.raises(NotFound, match="'typo'"):
        bus.rewind("topic", "typo", clock.now())


def test_a_rewind_goes_to_the_first_record_at_that_time_or_later(bus: SqliteBus, clock: FakeClock) -> None:
    publish(bus, "0")
    clock.advance(seconds=10)
    publish(bus, "1")
    read_all(bus, "group")
    bus.rewind("topic", "group", clock.now() - timedelta(seconds=1))
    assert bus.lag("topic", "group") == 1
    bus.rewind("topic", "group", clock.now() + timedelta(seconds=1))
    assert bus.lag("topic", "group") == 0


def test_a_batch_ends_before_it_fills_the_memory(bus: SqliteBus) -> None:
    publish(bus, *("x" * 3_000_000 for _ in range(5)))
    reader = bus.reader("topic", "group")
    assert [len(reader.poll(100, 0.0)), len(reader.poll(100, 0.0))] == [3, 2]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(BusUnavailable, match="VIGIE_DATA_DIR"):
        SqliteBus(tmp_path / "file" / "bus.db")


def test_a_file_that_is_no_log_is_named(tmp_path: Path) -> None:
    (tmp_path / "bus.db").write_bytes(b"no database" * 1000)
    with pytest.raises(BusUnavailable, match=r"bus\.db"):
        SqliteBus(tmp_path / "bus.db")


def test_a_log_of_a_newer_version_is_refused(bus: SqliteBus) -> None:
    bus.close()
    with closing(sqlite3.connect(bus.path)) as connection:
        connection.execute("PRAGMA user_version=99")
    with pytest.raises(BusUnavailable, match="newer"):
        SqliteBus(bus.path)


def test_a_log_that_was_deleted_takes_nothing_more(bus: SqliteBus) -> None:
    bus.path.unlink()
    with pytest.raises(BusUnavailable, match=r"bus\.db is gone.*restart Vigie"):
        publish(bus, "nobody would read this")


def test_a_log_that_another_program_locks_is_unavailable(tmp_path: Path) -> None:
    with closing(SqliteBus(tmp_path / "bus.db", busy=0.1)) as bus:
        with closing(sqlite3.connect(bus.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(BusUnavailable, match="locked"):
                publish(bus, "a")
        publish(bus, "b")
        assert offsets(bus) == [0]


def _publish_on_a_full_disk(path: Path, answers: Connection) -> None:
    bus = SqliteBus(path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        publish(bus, "x" * 1_000_000)
        said = "no error"
    except BusUnavailable as error:
        said = str(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    publish(bus, "there is room again")
    answers.send(f"{len(bus.read('topic', -1, 10))} {said}")


def test_a_full_disk_refuses_and_then_works_on(tmp_path: Path) -> None:
    answer = _answer_of_another_process(partial(_publish_on_a_full_disk, tmp_path / "bus.db"))
    assert answer.startswith("1 ")
    assert "VIGIE_DATA_DIR" in answer


def test_a_log_that_may_not_grow_is_called_full_and_works_on_when_it_may(bus: SqliteBus) -> None:
    publish(bus, "before")
    limit(bus, 20)
    with pytest.raises(BusUnavailable, match=r"the disk is full.*VIGIE_DATA_DIR"):
        publish(bus, "x" * 1_000_000)
    limit(bus, 100_000)
    publish(bus, "after")
    assert [record.message.value for record in bus.read("topic", -1, 10)] == [b"before", b"after"]


def limit(bus: SqliteBus, pages: int) -> None:
    """As a disk without room: SQLite answers with the same error."""
    with bus._file.writing() as log:
        log.execute(f"PRAGMA max_page_count={pages}")


def test_a_log_whose_disk_has_no_room_says_so_before_a_write_fails(
    bus: SqliteBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus.check(["topic"])
    monkeypatch.setattr(disk, "LEAST", 1 << 60)
    with pytest.raises(BusUnavailable, match="is about to stop: the disk is full"):
        bus.check(["topic"])


def test_many_may_open_a_new_log_at_once(tmp_path: Path) -> None:
    troubles: list[Exception] = []

    def open_and_publish() -> None:
        try:
            bus = SqliteBus(tmp_path / "bus.db")
            publish(bus, "a")
            bus.close()
        except BusUnavailable as error:
            troubles.append(error)

    threads = [threading.Thread(target=open_and_publish) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    with closing(SqliteBus(tmp_path / "bus.db")) as bus:
        assert offsets(bus) == list(range(8))
