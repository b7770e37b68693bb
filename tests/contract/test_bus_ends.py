"""The bus port when readers end, cleanly or not, and with several processes at work."""

import multiprocessing
import os
import signal
import time
from collections import defaultdict
from collections.abc import Callable
from multiprocessing.connection import Connection

from shared.bus import Bus, Message, Reader
from shared.errors import Conflict
from tests.contract.bus_lab import PATIENCE, Lab, drain, messages

SPAWN = multiprocessing.get_context("spawn")


def test_nothing_is_suspect_after_a_clean_end(bus: Bus, topic: str, join: Callable[..., Reader]) -> None:
    bus.publish(topic, messages("a"))
    reader = join()
    records = drain(reader, 1)
    reader.begin(records)
    reader.commit(records)
    reader.close()
    again = join()
    again.poll(1, 0.5)
    assert again.suspects() == {}


def test_records_in_hand_at_an_unclean_end_are_suspect(bus: Bus, topic: str, join: Callable[..., Reader]) -> None:
    bus.publish(topic, [Message("same", str(n).encode()) for n in range(3)])
    reader = join()
    records = drain(reader, 3)
    reader.begin(records)
    reader.close()
    again = join()
    first = drain(again, 1, limit=1)[0]
    assert again.suspects() == {(first.partition, first.offset + n): 1 for n in range(3)}


def test_the_count_of_one_suspect_is_kept_beside_the_others(
    bus: Bus, topic: str, join: Callable[..., Reader]
) -> None:
    bus.publish(topic, [Message("same", str(n).encode()) for n in range(3)])
    reader = join()
    reader.begin(drain(reader, 3))
    reader.close()
    second = join()
    record = drain(second, 1, limit=1)[0]
    second.begin([record], 2)
    second.close()
    third = join()
    drain(third, 1, limit=1)
    partition, offset = record.partition, record.offset
    assert third.suspects() == {(partition, offset): 2, (partition, offset + 1): 1, (partition, offset + 2): 1}
    third.commit([record])
    assert third.suspects() == {(partition, offset + 1): 1, (partition, offset + 2): 1}


def test_beginning_nothing_clears_what_was_in_hand(bus: Bus, topic: str, join: Callable[..., Reader]) -> None:
    bus.publish(topic, messages("a"))
    reader = join()
    reader.begin(drain(reader, 1))
    reader.begin(())
    reader.close()
    again = join()
    drain(again, 1)
    assert again.suspects() == {}


def test_a_commit_may_take_the_next_records_in_hand(bus: Bus, topic: str, join: Callable[..., Reader]) -> None:
    bus.publish(topic, [Message("same", str(n).encode()) for n in range(5)])
    reader = join()
    first = drain(reader, 2, limit=2)
    reader.begin(first)
    then = drain(reader, 2, limit=2)
    reader.commit(first, then)
    assert bus.lag(topic, "group") == 3
    reader.close()
    again = join()
    drain(again, 1, limit=1)
    assert again.suspects() == {(record.partition, record.offset): 1 for record in then}
    again.commit(then)
    assert again.suspects() == {}


def test_what_a_commit_took_in_hand_comes_again_after_a_rewind(
    bus: Bus, topic: str, join: Callable[..., Reader]
) -> None:
    bus.publish(topic, [Message("same", str(n).encode()) for n in range(4)])
    reader = join()
    first = drain(reader, 2, limit=2)
    then = drain(reader, 2, limit=2)
    reader.commit(first, then)
    reader.rewind()
    assert drain(reader, 2) == then


def _publish_many(open_bus: Callable[[], Bus], topic: str, name: str, count: int) -> None:
    bus = open_bus()
    for turn in range(count):
        bus.publish(topic, [Message(name, str(turn).encode())])
    bus.close()


def _read_until_killed(open_bus: Callable[[], Bus], topic: str, pipe: Connection) -> None:
    bus = open_bus()
    reader = bus.reader(topic, "group")
    while True:
        records = reader.poll(10, 1.0)
        if records:
            reader.begin(records)
            pipe.send([record.message.value for record in records])
            time.sleep(0.05)  # so that the kill finds a batch in hand
            reader.commit(records)


def test_processes_publish_and_read_at_once(lab: Lab, topic: str, join: Callable[..., Reader]) -> None:
    writers = [SPAWN.Process(target=_publish_many, args=(lab.open, topic, f"process{n}", 50)) for n in range(2)]
    reader = join()
    for writer in writers:
        writer.start()
    turns = defaultdict(list)
    for record in drain(reader, 100, commit=True):
        turns[record.message.key].append(int(record.message.value))
    for writer in writers:
        writer.join()
    assert dict(turns) == {f"process{n}": list(range(50)) for n in range(2)}


def test_a_killed_reader_is_followed_by_the_next_and_nothing_is_lost(
    lab: Lab, bus: Bus, topic: str, join: Callable[..., Reader]
) -> None:
    bus.publish(topic, [Message("same", str(n).encode()) for n in range(100)])
    ours, theirs = SPAWN.Pipe()
    child = SPAWN.Process(target=_read_until_killed, args=(lab.open, topic, theirs))
    child.start()
    theirs.close()
    seen: list[bytes] = []
    for _ in range(3):
        assert ours.poll(PATIENCE)
        seen.extend(ours.recv())
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    reader = joined_in_time(join)
    rest = [record.message.value for record in drain(reader, 100 - len(seen), commit=True)]
    while records := reader.poll(100, 0.5):
        rest.extend(record.message.value for record in records)
    assert {*seen, *rest} == {str(n).encode() for n in range(100)}
    assert rest == sorted(rest, key=int)


def joined_in_time(join: Callable[..., Reader]) -> Reader:
    """A broker may need its session time-out to notice that a member died."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return join()
        except Conflict:
            assert time.monotonic() < end, "the dead reader's group is still held"
            time.sleep(0.2)
