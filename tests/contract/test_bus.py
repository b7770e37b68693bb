"""The bus port. Every adapter passes this suite unchanged; it uses nothing but the port."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable

import pytest

from shared.bus import DEAD, Bus, Message, Reader, Record
from shared.errors import BusUnavailable
from tests.contract.bus_lab import PATIENCE, Lab, drain, keys, messages


def test_a_record_comes_back_as_it_was_published(bus: Bus, topic: str, join: Callable[..., Reader]) -> None:
    message = Message("schlüssel", b"\x00\xffbytes", {"traceparent": "00-é", "empty": ""})
    bus.publish(topic, [message])
    record = drain(join(), 1)[0]
    assert record.message == message
    assert (record.topic, record.at.utcoffset() is not None) == (topic, True)


def test_a_group_reads_from_the_first_record_in_order(bus: Bus, topic: str, join: Callable[..., Reader]) -> None:
    bus.publish(topic, messages("a", "b"))
    bus.publish(topic, messages("c"))
    assert sorted(keys(drain(join(), 3))) == ["a", "b", "c"]


def test_records_of_one_key_stay_in_order(bus: Bus, topic: str, join: Callable[..., Reader]) -> None:
    for turn in range(50):
        bus.publish(topic, [Message(key, str(turn).encode()) for key in ("a", "b", "c")])
    turns = defaultdict(list)
    for record in drain(join(), 150, limit=7):
        turns[record.message.key].append(int(record.message.value))
    assert all(turns[key] == list(range(50)) for key in "abc")


def test_a_poll_gives_no_more_than_its_limit(bus: Bus, topic: str, join: Callable[..., Reader]) -> None:
    bus.publish(topic, messages(*map(str, range(10))))
    assert len(drain(join(), 1, limit=3)) <= 3


def test_a_poll_of_an_empty_topic_ends_in_time(join: Callable[..., Reader]) -> None:
    reader = join()
    reader.poll(1, 1.0)
    begun = time.monotonic()
    assert reader.poll(1, 0.3) == ()
    assert time.monotonic() - begun < 20.0


def test_what_was_committed_does_not_come_again(bus: Bus, topic: str, join: Callable[..., Reader]) -> None:
    bus.publish(topic, messages("a", "b"))
    first = join()
    drain(first, 2, commit=True)
    first.close()
    bus.publish(topic, messages("c"))
    assert keys(drain(join(), 1)) == ["c"]


def test_what_was_polled_but_not_committed_comes_again_to_the_next_reader(
    bus: Bus, topic: str, join: Callable[..., Reader]
) -> None:
    bus.publish(topic, messages("a"))
    first = join()
    drain(first, 1)
    first.close()
    assert keys(drain(join(), 1)) == ["a"]


def test_a_reader_that_rewinds_gets_again_what_it_did_not_commit(
    bus: Bus, topic: str, join: Callable[..., Reader]
) -> None:
    bus.publish(topic, [Message("same", str(n).encode()) for n in range(4)])
    reader = join()
    records = drain(reader, 4)
    reader.commit(records[:2])
    reader.rewind()
    assert [record.message.value for record in drain(reader, 2)] == [b"2", b"3"]


def test_groups_do_not_disturb_each_other(bus: Bus, topic: str, join: Callable[..., Reader]) -> None:
    bus.publish(topic, messages("a"))
    drain(join("one"), 1, commit=True)
    assert keys(drain(join("two"), 1)) == ["a"]


def test_a_paused_reader_gives_nothing_until_it_resumes(bus: Bus, topic: str, join: Callable[..., Reader]) -> None:
    bus.publish(topic, messages("a"))
    reader = join()
    drain(reader, 1, commit=True)
    reader.pause()
    bus.publish(topic, messages("b"))
    assert not reader.poll(1, 0.5)
    reader.resume()
    assert keys(drain(reader, 1)) == ["b"]


def test_a_waiting_reader_wakes_when_something_is_published(
    bus: Bus, topic: str, join: Callable[..., Reader]
) -> None:
    reader = join()
    reader.poll(1, 1.0)
    later = threading.Timer(0.2, bus.publish, (topic, messages("a")))
    later.start()
    begun = time.monotonic()
    assert keys(drain(reader, 1)) == ["a"]
    assert time.monotonic() - begun < 5.0
    later.join()


def test_threads_may_publish_at_once(bus: Bus, topic: str, join: Callable[..., Reader]) -> None:
    def publish(name: str) -> None:
        for turn in range(20):
            bus.publish(topic, [Message(name, str(turn).encode())])

    threads = [threading.Thread(target=publish, args=(f"thread{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    turns = defaultdict(list)
    for record in drain(join(), 80):
        turns[record.message.key].append(int(record.message.value))
    assert dict(turns) == {f"thread{n}": list(range(20)) for n in range(4)}


def test_lag_counts_what_a_group_has_not_committed(bus: Bus, topic: str, join: Callable[..., Reader]) -> None:
    bus.publish(topic, [Message("same", str(n).encode()) for n in range(3)])
    assert bus.lag(topic, "group") == 3
    reader = join()
    records = drain(reader, 3)
    assert bus.lag(topic, "group") == 3
    reader.commit(records[:1])
    assert bus.lag(topic, "group") == 2
    reader.commit(records[1:])
    assert bus.lag(topic, "group") == 0


def test_how_far_a_group_is_moves_with_commits_alone(bus: Bus, topic: str, join: Callable[..., Reader]) -> None:
    bus.publish(topic, [Message("same", str(n).encode()) for n in range(3)])
    reader = join()
    records = drain(reader, 3)
    began = bus.committed(topic, "group")
    bus.publish(topic, messages("same"))
    assert bus.committed(topic, "group") == began
    reader.commit(records[:2])
    assert bus.committed(topic, "group") == began + 2


def test_the_oldest_waiting_record_tells_how_far_behind_a_group_is(
    bus: Bus, topic: str, join: Callable[..., Reader]
) -> None:
    assert bus.oldest_waiting(topic, "group") is None
    bus.publish(topic, messages("same"))
    reader = join()
    first = drain(reader, 1)
    assert bus.oldest_waiting(topic, "group") == first[0].at
    reader.commit(first)
    assert bus.oldest_waiting(topic, "group") is None


def test_a_topic_can_be_read_without_a_group(bus: Bus, topic: str) -> None:
    bus.publish(topic + DEAD, messages("a", "b", "c"))
    first = bus.read(topic + DEAD, -1, 2)
    rest = bus.read(topic + DEAD, first[-1].offset, 10)
    assert [keys(first), keys(rest)] == [["a", "b"], ["c"]]
    assert bus.read(topic + DEAD, rest[-1].offset, 10) == ()


def test_ensuring_topics_twice_changes_nothing(bus: Bus, topic: str) -> None:
    bus.publish(topic + DEAD, messages("a"))
    bus.ensure_topics([topic])
    assert keys(bus.read(topic + DEAD, -1, 10)) == ["a"]


def publish_and_note_the_time(bus: Bus, topic: str, join: Callable[..., Reader]) -> tuple[Reader, Record]:
    """Two old records and two new ones, all committed; the first new one comes back."""
    reader = join()
    bus.publish(topic, [Message("same", b"0"), Message("same", b"1")])
    drain(reader, 2, commit=True)
    time.sleep(0.05)  # a broker's clock tells milliseconds
    bus.publish(topic, [Message("same", b"2"), Message("same", b"3")])
    return reader, drain(reader, 2, commit=True)[0]


def test_a_group_without_a_reader_can_be_sent_back_in_time(
    bus: Bus, topic: str, join: Callable[..., Reader]
) -> None:
    reader, new = publish_and_note_the_time(bus, topic, join)
    reader.close()
    end = time.monotonic() + PATIENCE
    while bus.lag(topic, "group") != 2:  # a broker may take a moment to see that a group has become empty
        assert time.monotonic() < end, "the group stays where it was"
        bus.rewind(topic, "group", new.at)
    assert [record.message.value for record in drain(join(), 2)] == [b"2", b"3"]


def test_a_live_reader_goes_back_in_time_between_batches(
    lab: Lab, bus: Bus, topic: str, join: Callable[..., Reader]
) -> None:
    reader, new = publish_and_note_the_time(bus, topic, join)
    other = lab.open()
    other.rewind(topic, "group", new.at)
    other.close()
    assert [record.message.value for record in drain(reader, 2, commit=True)] == [b"2", b"3"]
    assert reader.poll(10, 0.5) == ()


def test_a_batch_in_hand_is_not_lost_when_its_group_goes_back_in_time(
    bus: Bus, topic: str, join: Callable[..., Reader]
) -> None:
    reader, new = publish_and_note_the_time(bus, topic, join)
    bus.publish(topic, [Message("same", b"4")])
    in_hand = drain(reader, 1)
    bus.rewind(topic, "group", new.at)
    reader.commit(in_hand)
    assert [record.message.value for record in drain(reader, 3)] == [b"2", b"3", b"4"]


def test_closing_twice_is_harmless(join: Callable[..., Reader]) -> None:
    reader = join()
    reader.close()
    reader.close()


def test_a_closed_bus_says_that_it_is_unavailable(lab: Lab, topic: str) -> None:
    other = lab.open()
    other.close()
    with pytest.raises(BusUnavailable):
        other.publish(topic, messages("a"))
