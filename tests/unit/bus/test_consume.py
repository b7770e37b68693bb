"""The loop: what happens to sick records, sick worlds, unclean ends, and the two lanes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from shared.bus import BULK, COLLECTED, DEAD, DeadLetter, Message, Outcome, Record
from shared.bus.consume import AHEAD, BULK_EVERY, BULK_REST, IN_A_ROW, Consumer, Stage
from shared.errors import StoreUnavailable, Unavailable, Unprocessable
from tests.fakes import FlakyBus

OUT = "out"


class Crash(BaseException):
    """The process dies here: nothing of the product may catch it."""


class Recorder:
    """A handler that notes the values it gets, and does to some what the test says."""

    def __init__(self, **answers: Callable[[], None]) -> None:
        self.batches: list[list[str]] = []
        self.answers = answers

    def __call__(self, records: Sequence[Record]) -> Outcome:
        values = [record.message.value.decode() for record in records]
        self.batches.append(values)
        for value in values:
            self.answers.get(value, lambda: None)()
        return Outcome(tuple((OUT, record.message) for record in records))


class Wall:
    """Monotonic time that the test moves; sleeping moves it too."""

    def __init__(self) -> None:
        self.time = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


def throws(error: BaseException) -> Callable[[], None]:
    def throw() -> None:
        raise error

    return throw


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[FlakyBus]:
    bus = FlakyBus(tmp_path / "bus.db")
    yield bus
    bus.close()


@pytest.fixture
def wall() -> Wall:
    return Wall()


def a_consumer(bus: FlakyBus, handler: Recorder, wall: Wall, topic: str = COLLECTED, batch: int = 10) -> Consumer:
    stage = Stage("stage", topic, handler, batch=batch, bulk_batch=2)
    return Consumer(bus, stage, wait=0.0, monotonic=wall, sleep=wall.sleep)


def publish(bus: FlakyBus, *values: str, topic: str = COLLECTED) -> None:
    bus.publish(topic, [Message(f"key of {value}", value.encode(), {"header": value}) for value in values])


def published(bus: FlakyBus, topic: str = OUT) -> list[str]:
    return [record.message.value.decode() for record in bus.read(topic, -1, 10_000)]


def run(consumer: Consumer) -> None:
    """Step until there is nothing to do."""
    for _ in range(1000):
        if not consumer.step():
            return
    raise AssertionError("the consumer never came to rest")


def die(consumer: Consumer) -> None:
    """Step until the process dies; the kernel then frees its locks."""
    with pytest.raises(Crash):
        run(consumer)
    consumer.close()


def test_a_batch_is_handled_published_and_committed(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, "a", "b")
    handler = Recorder()
    run(a_consumer(bus, handler, wall))
    assert handler.batches == [["a", "b"]]
    assert published(bus) == ["a", "b"]
    assert bus.lag(COLLECTED, "stage") == 0


def test_a_step_with_nothing_to_do_says_so(bus: FlakyBus, wall: Wall) -> None:
    assert a_consumer(bus, Recorder(), wall).step() is False


def test_what_takes_long_is_done_once_before_a_record_is_in_hand(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, "a", "b")
    seen: list[str] = []

    def handler(records: Sequence[Record]) -> Outcome:
        seen.extend(record.message.value.decode() for record in records)
        return Outcome()

    stage = Stage("stage", COLLECTED, handler, batch=1, prepare=lambda: seen.append("prepared"))
    run(Consumer(bus, stage, wait=0.0))
    assert seen == ["prepared", "a", "b"]


def test_a_sick_record_dies_and_the_others_go_on(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, "a", "sick", "b")
    run(a_consumer(bus, Recorder(sick=throws(Unprocessable("no title"))), wall))
    assert published(bus) == ["a", "b"]
    assert published(bus, COLLECTED + DEAD) == ["sick"]


def test_a_dead_letter_keeps_the_record_and_says_what_happened(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, "a", "sick")
    run(a_consumer(bus, Recorder(sick=throws(Unprocessable("no title"))), wall))
    origin, letter = bus.read(COLLECTED, 0, 1)[0], bus.read(COLLECTED + DEAD, -1, 1)[0]
    assert (letter.message.key, letter.message.value) == ("key of sick", b"sick")
    assert letter.message.headers == {
        "header": "sick",
        "vigie-dead-reason": "no title",
        "vigie-dead-error": "Unprocessable",
        "vigie-dead-stage": "stage",
        "vigie-dead-attempts": "1",
        "vigie-dead-topic": COLLECTED,
        "vigie-dead-partition": "0",
        "vigie-dead-offset": "1",
        "vigie-dead-at": origin.at.isoformat(),
    }


def test_a_record_with_an_unknown_error_gets_three_tries(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, "a", "odd", "b")
    handler = Recorder(odd=throws(ZeroDivisionError("division by zero")))
    run(a_consumer(bus, handler, wall))
    assert handler.batches == [["a", "odd", "b"], ["a"], ["odd"], ["odd"], ["odd"], ["b"]]
    letter = bus.read(COLLECTED + DEAD, -1, 1)[0].message.headers
    assert letter["vigie-dead-reason"] == "ZeroDivisionError: division by zero"
    assert letter["vigie-dead-attempts"] == "3"
    assert published(bus) == ["a", "b"]


def test_an_unknown_error_that_passes_leaves_no_dead_letter(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, "odd")
    left = [ZeroDivisionError("once"), ZeroDivisionError("twice")]

    def fail_twice() -> None:
        if left:
            raise left.pop()

    run(a_consumer(bus, Recorder(odd=fail_twice), wall))
    assert (published(bus), published(bus, COLLECTED + DEAD)) == (["odd"], [])


def test_a_handler_may_name_the_sick_ones_itself(bus: FlakyBus, wall: Wall) -> None:
    def handler(records: Sequence[Record]) -> Outcome:
        return Outcome(dead=(DeadLetter(records[1], "no title", "Unprocessable"),))

    publish(bus, "a", "sick")
    run(Consumer(bus, Stage("stage", COLLECTED, handler), wait=0.0))
    assert published(bus, COLLECTED + DEAD) == ["sick"]
    assert bus.lag(COLLECTED, "stage") == 0


def test_a_sick_world_commits_nothing_and_the_batch_comes_again(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, "a", "b")
    handler = Recorder(b=throws(StoreUnavailable("the database does not answer")))
    consumer = a_consumer(bus, handler, wall)
    with pytest.raises(StoreUnavailable):
        consumer.step()
    assert (bus.lag(COLLECTED, "stage"), published(bus)) == (2, [])
    handler.answers = {}
    run(consumer)
    assert handler.batches == [["a", "b"], ["a", "b"]]
    assert published(bus) == ["a", "b"]


def test_what_cannot_be_published_is_not_committed(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, "a")
    consumer = a_consumer(bus, Recorder(), wall)
    bus.sick = True
    with pytest.raises(Unavailable):
        consumer.step()
    assert bus.lag(COLLECTED, "stage") == 1
    bus.sick = False
    run(consumer)
    assert published(bus) == ["a"]


def test_a_stop_during_a_sick_world_makes_nobody_suspect(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, "a", "b")
    for _ in range(5):
        consumer = a_consumer(bus, Recorder(b=throws(StoreUnavailable("down"))), wall)
        with pytest.raises(StoreUnavailable):
            consumer.step()
        consumer.close()
    handler = Recorder()
    run(a_consumer(bus, handler, wall))
    assert handler.batches == [["a", "b"]]


def test_after_an_unclean_end_the_former_batch_comes_singly(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, "a", "b", "c")
    die(a_consumer(bus, Recorder(b=throws(Crash())), wall))
    publish(bus, "d", "e")
    handler = Recorder()
    run(a_consumer(bus, handler, wall))
    assert handler.batches == [["a"], ["b"], ["c"], ["d", "e"]]


def test_the_third_death_on_one_record_is_a_dead_letter(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, "a", "killer", "b")
    for _ in range(3):
        die(a_consumer(bus, Recorder(killer=throws(Crash())), wall))
    handler = Recorder(killer=throws(Crash()))
    run(a_consumer(bus, handler, wall))
    assert handler.batches == [["b"]]
    letter = bus.read(COLLECTED + DEAD, -1, 1)[0].message
    assert (letter.value, letter.headers["vigie-dead-error"]) == (b"killer", "ProcessDied")
    assert letter.headers["vigie-dead-attempts"] == "3"
    assert published(bus) == ["a", "b"]


def test_a_sick_world_between_two_deaths_does_not_count_as_one(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, "a")
    die(a_consumer(bus, Recorder(a=throws(Crash())), wall))
    for _ in range(5):
        consumer = a_consumer(bus, Recorder(a=throws(StoreUnavailable("down"))), wall)
        with pytest.raises(StoreUnavailable):
            consumer.step()
        consumer.close()
    run(a_consumer(bus, Recorder(), wall))
    assert (published(bus), published(bus, COLLECTED + DEAD)) == (["a"], [])


def test_a_death_between_publish_and_commit_doubles_but_loses_nothing(bus: FlakyBus, wall: Wall) -> None:
    class DyingReader:
        def __init__(self, reader: object) -> None:
            self._reader = reader

        def __getattr__(self, name: str) -> object:
            if name == "commit":
                raise Crash
            return getattr(self._reader, name)

    class DyingBus(FlakyBus):
        def reader(self, topic: str, group: str) -> DyingReader:  # type: ignore[override]
            return DyingReader(super().reader(topic, group))

    publish(bus, "a")
    with closing(DyingBus(bus.path)) as dying:
        die(a_consumer(dying, Recorder(), wall))
    run(a_consumer(bus, Recorder(), wall))
    assert published(bus) == ["a", "a"]


def test_twenty_dead_letters_in_a_row_mean_a_sick_world(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, *(f"sick{n}" for n in range(IN_A_ROW + 5)))
    handler = Recorder(**{f"sick{n}": throws(Unprocessable("nothing fits")) for n in range(IN_A_ROW + 5)})
    consumer = a_consumer(bus, handler, wall)
    for _ in range(3):
        with pytest.raises(Unavailable, match="in a row"):
            run(consumer)
    assert len(published(bus, COLLECTED + DEAD)) == IN_A_ROW
    assert bus.lag(COLLECTED, "stage") == 5
    handler.answers = {}
    run(consumer)
    assert published(bus) == [f"sick{n}" for n in range(IN_A_ROW, IN_A_ROW + 5)]


def test_a_batch_full_of_dead_letters_does_not_pour_either(bus: FlakyBus, wall: Wall) -> None:
    def handler(records: Sequence[Record]) -> Outcome:
        return Outcome(dead=tuple(DeadLetter(record, "nothing fits", "Unprocessable") for record in records))

    publish(bus, *map(str, range(50)))
    consumer = Consumer(bus, Stage("stage", COLLECTED, handler, batch=50), wait=0.0)
    with pytest.raises(Unavailable, match="in a row"):
        run(consumer)
    assert len(published(bus, COLLECTED + DEAD)) == IN_A_ROW


def test_twenty_dead_letters_with_a_good_one_between_go_on(bus: FlakyBus, wall: Wall) -> None:
    values = ["good" if n == 15 else "sick" for n in range(30)]
    publish(bus, *values)
    run(a_consumer(bus, Recorder(sick=throws(Unprocessable("no title"))), wall, batch=30))
    assert (len(published(bus, COLLECTED + DEAD)), published(bus)) == (29, ["good"])


def test_the_next_batch_is_noted_as_in_hand_with_the_commit_of_the_last(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, "a", "b", "c", "d")
    consumer = a_consumer(bus, Recorder(d=throws(Crash())), wall, batch=2)
    die(consumer)
    assert (published(bus), bus.lag(COLLECTED, "stage")) == (["a", "b"], 2)
    handler = Recorder()
    run(a_consumer(bus, handler, wall, batch=2))
    assert handler.batches == [["c"], ["d"]]


def test_a_stop_between_two_batches_makes_nobody_suspect(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, "a", "b", "c", "d")
    consumer = a_consumer(bus, Recorder(), wall, batch=2)
    consumer.step()
    consumer.close()
    handler = Recorder()
    run(a_consumer(bus, handler, wall, batch=2))
    assert handler.batches == [["c", "d"]]


def test_a_replay_is_applied_within_a_moment_although_batches_follow_each_other(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, *"abcdefgh")
    handler = Recorder(**dict.fromkeys("abcdefgh", lambda: wall.sleep(AHEAD / 4)))
    consumer = a_consumer(bus, handler, wall, batch=2)
    consumer.step()
    bus.rewind(COLLECTED, "stage", bus.read(COLLECTED, -1, 1)[0].at)
    run(consumer)
    assert handler.batches[:4] == [["a", "b"], ["c", "d"], ["a", "b"], ["c", "d"]]


def test_bulk_is_read_when_live_is_empty(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, "old1", "old2", "old3", topic=COLLECTED + BULK)
    publish(bus, "new")
    handler = Recorder()
    run(a_consumer(bus, handler, wall))
    assert handler.batches == [["new"], ["old1", "old2"], ["old3"]]
    assert bus.lag(COLLECTED + BULK, "stage" + BULK) == 0


def test_bulk_gets_a_small_turn_now_and_then_while_live_is_busy(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, *(f"old{n}" for n in range(9)), topic=COLLECTED + BULK)
    handler = Recorder()
    consumer = a_consumer(bus, handler, wall)
    for turn in range(4):
        publish(bus, f"new{turn}")
        consumer.step()
        wall.time += BULK_EVERY / 2 + 1
    assert handler.batches == [["new0"], ["new1"], ["new2"], ["old0", "old1"], ["new3"]]


def test_a_failing_bulk_lane_rests_while_live_goes_on(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, "old", topic=COLLECTED + BULK)
    handler = Recorder(old=throws(StoreUnavailable("down")))
    consumer = a_consumer(bus, handler, wall)
    consumer.step()
    assert consumer.trouble == "down"
    publish(bus, "new")
    consumer.step()
    assert published(bus) == ["new"]
    handler.answers = {}
    wall.time += BULK_REST + 1
    run(consumer)
    assert (consumer.trouble, published(bus)) == (None, ["new", "old"])


def test_a_topic_without_a_bulk_lane_is_read_alone(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, "a", topic="items.archived")
    run(a_consumer(bus, Recorder(), wall, topic="items.archived"))
    assert published(bus) == ["a"]


def test_a_replay_is_applied_between_batches(bus: FlakyBus, wall: Wall) -> None:
    publish(bus, "a")
    handler = Recorder()
    consumer = a_consumer(bus, handler, wall)
    run(consumer)
    bus.rewind(COLLECTED, "stage", bus.read(COLLECTED, -1, 1)[0].at)
    run(consumer)
    assert handler.batches == [["a"], ["a"]]
