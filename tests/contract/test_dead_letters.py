"""A record has one dead letter, however often a stage reads it, and what a person decided of it stays decided."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from shared.bus import DEAD, Bus, DeadLetter, Message, Outcome, Record
from shared.bus.consume import Consumer, Stage
from shared.bus.dead import discard, letter, list_letters, open_count, retry
from shared.bus.letters import letter_message
from shared.errors import Unprocessable
from tests.contract.bus_lab import PATIENCE, messages

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def refuse(records: Sequence[Record]) -> Outcome:
    """Every record that speaks of a sick one is sick."""
    for record in records:
        if record.message.key.startswith("sick"):
            raise Unprocessable(f"{record.message.key} cannot be read")
    return Outcome()


@pytest.fixture
def work(bus: Bus, topic: str) -> Callable[..., None]:
    """Let a stage read all that waits, and at least so many records."""

    def work(at_least: int = 0) -> None:
        read: set[tuple[int, int]] = set()

        def handle(records: Sequence[Record]) -> Outcome:
            read.update((record.partition, record.offset) for record in records)
            return refuse(records)

        consumer = Consumer(bus, Stage("group", topic, handle), wait=0.2)
        end = time.monotonic() + PATIENCE
        idle = 0
        while idle < 2 or len(read) < at_least or bus.lag(topic, "group"):
            assert time.monotonic() < end, "records wait for ever"
            idle = 0 if consumer.step() else idle + 1
        consumer.close()

    return work


@pytest.fixture
def replay(bus: Bus, topic: str, work: Callable[..., None]) -> Callable[[], None]:
    """Let the stage read everything again. A reader takes up the wish when it comes to it, idle before or not."""

    def replay() -> None:
        everything = bus.committed(topic, "group")
        bus.rewind(topic, "group", EPOCH)
        work(at_least=everything)

    return replay


def offsets(bus: Bus, topic: str) -> Sequence[Record]:
    return bus.read(topic + DEAD, -1, 100)


def test_a_replay_leaves_one_letter_of_a_record_that_dies_again(
    bus: Bus, topic: str, work: Callable[..., None], replay: Callable[[], None]
) -> None:
    bus.publish(topic, messages("a", "sick-1", "b", "sick-2"))
    work()
    before = [found.id for found in list_letters(bus, [topic])]
    replay()
    replay()
    assert len(offsets(bus, topic)) == 6  # it died three times, twice over
    assert [found.id for found in list_letters(bus, [topic])] == before
    assert (len(before), open_count(bus, topic)) == (2, 2)


def test_a_replay_opens_no_letter_that_was_discarded_or_retried(
    bus: Bus, topic: str, work: Callable[..., None], replay: Callable[[], None]
) -> None:
    bus.publish(topic, messages("sick-1", "sick-2"))
    work()
    first, second = (found.id for found in list_letters(bus, [topic]))
    discard(bus, first, "a test page of the publisher", NOW)
    retry(bus, second, NOW)
    work()  # what was retried dies once more, as a record of its own
    again = [found.id for found in list_letters(bus, [topic])]
    replay()
    assert letter(bus, first).state == "discarded"
    assert letter(bus, second).state == "retried"
    assert [(found.id, found.again) for found in list_letters(bus, [topic])] == [(again[0], True)]


def test_what_is_decided_of_a_repetition_holds_for_the_letter(
    bus: Bus, topic: str, work: Callable[..., None], replay: Callable[[], None]
) -> None:
    bus.publish(topic, messages("sick"))
    work()
    replay()
    assert letter(bus, f"{topic}@1").id == f"{topic}@0"
    assert discard(bus, f"{topic}@1", "known", NOW)
    assert not discard(bus, f"{topic}@0", "known", NOW)
    assert list_letters(bus, [topic]) == ()


def test_a_record_of_a_topic_that_was_made_again_is_another_one(bus: Bus, topic: str) -> None:
    """It may have the offset of an old letter's record, but not its time."""
    of_old = Record(topic, 0, 7, EPOCH, Message("a", b"old"))
    of_new = Record(topic, 0, 7, NOW, Message("b", b"new"))
    for record in (of_old, of_new):
        bus.publish(topic + DEAD, [letter_message(DeadLetter(record, "sick", "Unprocessable"), "group")])
    discard(bus, f"{topic}@0", "known", NOW)
    assert [found.record.message.key for found in list_letters(bus, [topic])] == ["b"]
