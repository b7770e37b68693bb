"""What the ledger does about each outcome."""

from datetime import UTC, datetime, timedelta

from services.notifier.outcomes import (
    PATIENCE,
    Refused,
    Result,
    Sent,
    Unknown,
    lost_sight,
    result,
    without_addresses,
)
from shared.subscriptions.words import State

NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


def after(outcome: Sent | Refused | Unknown, *, attempts: int = 0, unknown: int = 0) -> Result:
    return result(outcome, NOW, attempts=attempts, unknown=unknown)


def test_a_mail_that_was_taken_is_sent() -> None:
    assert after(Sent()).state is State.SENT


def test_a_refusal_for_good_fails_with_the_reason() -> None:
    became = after(Refused(permanent=True, reason="550 no such user"))
    assert (became.state, became.error) == (State.FAILED, "550 no such user")


def test_refusals_for_now_are_tried_again_with_growing_pauses_for_three_days() -> None:
    pauses = []
    for attempts in range(len(PATIENCE)):
        became = after(Refused(permanent=False, reason="450 later"), attempts=attempts)
        assert (became.state, became.attempts) == (State.PENDING, attempts + 1)
        pauses.append(became.due_at - NOW)
    assert pauses == sorted(pauses)
    assert timedelta(days=3) <= sum(pauses, timedelta()) <= timedelta(days=4)
    assert after(Refused(permanent=False, reason="450 later"), attempts=len(PATIENCE)).state is State.FAILED


def test_unknown_is_tried_again_and_held_at_the_fifth_time() -> None:
    states = [after(Unknown("no answer"), unknown=before).state for before in range(5)]
    assert states == [State.PENDING] * 4 + [State.HELD]
    assert after(Unknown("no answer"), unknown=2).unknown == 3


def test_a_release_gives_five_more_tries_and_the_count_goes_on() -> None:
    became = lost_sight("expired", NOW, attempts=0, unknown=5)
    assert (became.state, became.unknown) == (State.PENDING, 6)


def test_the_ledger_repeats_no_address_that_a_relay_names() -> None:
    said = "550 5.1.1 <leser@example.org>:\r\n leser@example.org unknown in table"
    assert "leser@" not in without_addresses(said)
    assert "unknown in table" in without_addresses(said)
