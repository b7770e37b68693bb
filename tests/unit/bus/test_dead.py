"""Dead letters: what a person sees and may do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.bus import COLLECTED, DEAD, DeadLetter, Message
from shared.bus.dead import discard, letter, list_letters, open_count, retry
from shared.bus.letters import letter_message
from shared.bus.sqlite import SqliteBus
from shared.errors import NotFound
from tests.fakes import FakeClock

FIRST = f"{COLLECTED}@0"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def bus(tmp_path: Path, clock: FakeClock) -> Iterator[SqliteBus]:
    bus = SqliteBus(tmp_path / "bus.db", clock)
    yield bus
    bus.close()


def bury(bus: SqliteBus, *values: str) -> None:
    """Publish records and let each die."""
    for value in values:
        bus.publish(COLLECTED, [Message("key", value.encode(), {"traceparent": "00-ab"})])
        record = bus.read(COLLECTED, -1, 1000)[-1]
        dead = DeadLetter(record, f"{value} is sick", "Unprocessable", 2)
        bus.publish(COLLECTED + DEAD, [letter_message(dead, "classifier")])


def test_letters_tell_who_died_where_and_why(bus: SqliteBus, clock: FakeClock) -> None:
    bury(bus, "a")
    found = list_letters(bus, [COLLECTED])[0]
    assert (found.id, found.stage, found.reason, found.error) == (
        FIRST,
        "classifier",
        "a is sick",
        "Unprocessable",
    )
    assert (found.attempts, found.origin, found.died_at) == (2, f"{COLLECTED}/0/0", clock.now())
    assert (found.state, found.again) == ("open", False)


def test_a_retry_publishes_the_record_as_it_was_with_a_mark(bus: SqliteBus, clock: FakeClock) -> None:
    bury(bus, "a")
    assert retry(bus, FIRST, clock.now())
    again = bus.read(COLLECTED, 0, 10)[0].message
    assert (again.key, again.value) == ("key", b"a")
    assert again.headers == {"traceparent": "00-ab", "vigie-redriven": clock.now().isoformat()}
    assert letter(bus, FIRST).state == "retried"


def test_a_second_retry_does_nothing(bus: SqliteBus, clock: FakeClock) -> None:
    bury(bus, "a")
    retry(bus, FIRST, clock.now())
    assert not retry(bus, FIRST, clock.now())
    assert len(bus.read(COLLECTED, -1, 10)) == 2


def test_a_discarded_letter_is_closed_for_a_reason(bus: SqliteBus, clock: FakeClock) -> None:
    bury(bus, "a", "b")
    assert discard(bus, FIRST, "a test of the publisher", clock.now())
    assert not discard(bus, FIRST, "again", clock.now())
    assert not retry(bus, FIRST, clock.now())
    assert [found.id for found in list_letters(bus, [COLLECTED])] == [f"{COLLECTED}@1"]
    assert letter(bus, FIRST).why == "a test of the publisher"
    assert [found.state for found in list_letters(bus, [COLLECTED], resolved=True)] == ["discarded", "open"]


def test_open_letters_are_counted(bus: SqliteBus, clock: FakeClock) -> None:
    bury(bus, *map(str, range(450)))
    assert open_count(bus, COLLECTED) == 450
    discard(bus, f"{COLLECTED}@7", "no", clock.now())
    assert open_count(bus, COLLECTED) == 449


@pytest.mark.parametrize("id_", ["", "nonsense", f"{COLLECTED}@7", "no.such.topic@0"])
def test_an_unknown_letter_is_not_found(bus: SqliteBus, id_: str) -> None:
    bury(bus, "a")
    with pytest.raises(NotFound):
        letter(bus, id_)


def test_a_retried_letter_that_dies_again_says_so(bus: SqliteBus, clock: FakeClock) -> None:
    bury(bus, "a")
    retry(bus, FIRST, clock.now())
    record = bus.read(COLLECTED, 0, 1)[0]
    bus.publish(
        COLLECTED + DEAD, [letter_message(DeadLetter(record, "still sick", "Unprocessable"), "classifier")]
    )
    assert [(found.reason, found.again) for found in list_letters(bus, [COLLECTED])] == [("still sick", True)]
