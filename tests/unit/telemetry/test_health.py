"""Heartbeats: who is alive, who is red."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.store import Store
from shared.telemetry.health import EXPIRY, FORGET, beat, leave, stages
from tests.fakes import FakeClock, a_store


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    with closing(a_store(tmp_path, clock)) as opened:
        yield opened


def say(store: Store, instance: str, **errors: str | None) -> None:
    with store.writing() as session:
        beat(session, instance, errors, store.now(session))


def alive(store: Store) -> dict[str, bool]:
    with store.reading() as session:
        return {stage: health.alive for stage, health in stages(session, store.now(session)).items()}


def error_of(store: Store, stage: str) -> str | None:
    with store.reading() as session:
        return stages(session, store.now(session))[stage].error


def test_a_stage_lives_until_its_word_expires(store: Store, clock: FakeClock) -> None:
    say(store, "one", collector=None)
    clock.advance(seconds=EXPIRY.total_seconds())
    assert alive(store) == {"collector": True}
    clock.advance(seconds=1)
    assert alive(store) == {"collector": False}


def test_a_later_word_takes_the_place_of_the_former(store: Store, clock: FakeClock) -> None:
    say(store, "one", collector="the bus is full")
    assert error_of(store, "collector") == "the bus is full"
    clock.advance(seconds=5)
    say(store, "one", collector=None)
    assert error_of(store, "collector") is None


def test_one_living_instance_keeps_a_stage_alive(store: Store, clock: FakeClock) -> None:
    say(store, "one", collector="died of this")
    clock.advance(seconds=60)
    say(store, "two", collector=None)
    assert alive(store) == {"collector": True}
    assert error_of(store, "collector") is None


def test_one_red_instance_shows_although_another_is_well(store: Store, clock: FakeClock) -> None:
    say(store, "one", collector="the bus is full")
    clock.advance(seconds=1)
    say(store, "two", collector=None)
    assert error_of(store, "collector") == "the bus is full"


def test_a_stage_that_was_stopped_on_purpose_is_gone_at_once(store: Store) -> None:
    say(store, "one", collector=None, portal=None)
    with store.writing() as session:
        leave(session, "one", ["collector"])
    assert alive(store) == {"portal": True}


def test_instances_that_never_came_back_are_forgotten(store: Store, clock: FakeClock) -> None:
    say(store, "one", collector=None)
    clock.advance(seconds=FORGET.total_seconds() + 1)
    say(store, "two", portal=None)
    assert alive(store) == {"portal": True}
