"""How polls change the state of a source."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import Trouble
from shared.sources.states import Health, State, after_document, after_error, after_unmodified, is_stale

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OK = Health(State.OK)


def polled(health: Health, *troubles: Trouble) -> Health:
    for trouble in troubles:
        health = after_error(health, trouble, f"said {trouble}")
    return health


def read(health: Health, *, entries: int = 5, moved_to: str | None = None, stale: bool = False) -> Health:
    return after_document(health, entries=entries, moved_to=moved_to, stale=stale)


def test_a_document_makes_a_source_green_and_forgets_the_errors() -> None:
    assert read(polled(OK, Trouble.DNS)) == OK


@pytest.mark.parametrize(
    ("troubles", "state"),
    [
        ((Trouble.DNS,), State.FAILING),
        ((Trouble.NOT_A_FEED,), State.FAILING),
        ((Trouble.HTTP_4XX,), State.OK),
        ((Trouble.HTTP_4XX, Trouble.HTTP_5XX), State.FAILING),
        ((Trouble.TIMEOUT,) * 3, State.OK),
        ((Trouble.TIMEOUT,) * 4, State.FAILING),
        ((Trouble.BLOCKED,), State.BLOCKED),
        ((Trouble.FORBIDDEN,), State.FORBIDDEN),
        ((Trouble.GONE,), State.GONE),
        ((Trouble.BLOCKED, Trouble.TIMEOUT), State.FAILING),
    ],
)
def test_errors_weigh_what_they_mean(troubles: tuple[Trouble, ...], state: State) -> None:
    health = polled(OK, *troubles)
    assert health.state is state
    assert health.error == f"said {troubles[-1]}"


@pytest.mark.parametrize("trouble", [Trouble.CONNECT, Trouble.TIMEOUT, Trouble.BUSY, Trouble.HTTP_5XX])
def test_a_source_that_never_answered_fails_at_its_first_error(trouble: Trouble) -> None:
    assert polled(Health(), trouble).state is State.FAILING


def test_a_304_after_a_failure_does_not_turn_green() -> None:
    failing = polled(OK, Trouble.NOT_A_FEED)
    assert after_unmodified(failing, stale=False) == failing


def test_a_304_turns_a_quiet_source_stale() -> None:
    assert after_unmodified(OK, stale=True).state is State.STALE
    assert after_unmodified(Health(State.STALE), stale=True).state is State.STALE
    assert after_unmodified(Health(State.STALE), stale=False).state is State.OK, "a clock that was ahead said so"


def test_a_document_without_entries_is_empty_and_not_an_error() -> None:
    assert read(OK, entries=0).state is State.EMPTY


def test_a_move_is_believed_when_it_was_seen_three_times_in_a_row() -> None:
    health = OK
    for expected in (State.OK, State.OK, State.MOVED):
        health = read(health, moved_to="https://new.example.org/")
        assert health.state is expected
    assert health.moved_to == "https://new.example.org/"
    assert read(health, moved_to="https://other.example.org/").state is State.OK
    assert read(health).moved_to is None


def test_silence_is_judged_by_the_source_s_own_rhythm() -> None:
    daily, monthly = timedelta(days=1), timedelta(days=30)
    assert not is_stale(NOW - timedelta(days=13), daily, NOW)
    assert is_stale(NOW - timedelta(days=15), daily, NOW)
    assert not is_stale(NOW - timedelta(days=60), monthly, NOW)
    assert is_stale(NOW - timedelta(days=100), monthly, NOW)
    assert not is_stale(None, daily, NOW)
