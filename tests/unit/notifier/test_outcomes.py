"""What the ledger does about each outcome that is about one mail alone."""

from datetime import UTC, datetime, timedelta

import pytest

from services.notifier.outcomes import (
    GREYLISTED,
    PATIENCE,
    SPREAD,
    Before,
    Dropped,
    Ended,
    Refused,
    Result,
    Sent,
    Unknown,
    lost_sight,
    result,
    spread,
    without_addresses,
)
from services.notifier.refusals import About
from shared.subscriptions.words import Blame, State

NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


def before(delivery: str = "one", *, attempts: int = 0, unknown: int = 0) -> Before:
    return Before(delivery, "somebody", NOW, attempts, unknown)


def after(outcome: Ended, *, attempts: int = 0, unknown: int = 0) -> Result:
    return result(outcome, before(attempts=attempts, unknown=unknown), NOW)


def test_a_mail_that_was_taken_is_sent() -> None:
    assert (after(Sent()).state, after(Sent()).blame) == (State.SENT, Blame.NOBODY)


@pytest.mark.parametrize(
    ("about", "blame"),
    [(About.GONE, Blame.MAILBOX), (About.MAILBOX, Blame.MAILBOX), (About.MAIL, Blame.MAIL)],
)
def test_a_refusal_for_good_fails_with_the_reason_and_what_it_is_about(about: About, blame: Blame) -> None:
    became = after(Refused(about, "550 no such user"))
    assert (became.state, became.error, became.blame) == (State.FAILED, "550 no such user", blame)


def test_what_there_is_nothing_to_send_of_is_dropped_and_what_cannot_be_written_fails() -> None:
    became = after(Dropped("not sent: the subscription ended"))
    assert (became.state, became.attempts, became.blame) == (State.DROPPED, 0, Blame.NOBODY)
    became = after(Dropped("not sent: the header To is too long", Blame.MAIL))
    assert (became.state, became.attempts, became.blame) == (State.FAILED, 0, Blame.MAIL)


def test_refusals_for_now_are_tried_again_with_growing_pauses_for_three_days() -> None:
    pauses = []
    for attempts in range(len(PATIENCE)):
        became = after(Refused(About.MAILBOX_LATER, "450 later"), attempts=attempts)
        assert (became.state, became.attempts, became.blame) == (State.PENDING, attempts + 1, Blame.MAILBOX)
        pauses.append(became.due_at - NOW)
        least = timedelta(minutes=PATIENCE[attempts])
        assert least <= pauses[-1] <= least * (1 + SPREAD)
    assert timedelta(days=3) <= sum(pauses, timedelta()) <= timedelta(days=5)
    last = after(Refused(About.MAILBOX_LATER, "450 later"), attempts=len(PATIENCE))
    assert (last.state, last.blame) == (State.FAILED, Blame.MAILBOX)


def test_a_greylist_is_given_the_time_that_it_wants() -> None:
    became = after(Refused(About.GREYLISTED, "450 4.2.0 greylisted"))
    assert became.due_at - NOW >= timedelta(minutes=GREYLISTED)


def test_what_was_refused_together_comes_back_apart_and_always_so() -> None:
    pauses = [spread(10, before(f"mail-{n}")) for n in range(200)]
    assert len(set(pauses)) == 200
    assert max(pauses) - min(pauses) > timedelta(minutes=4)
    assert pauses == [spread(10, before(f"mail-{n}")) for n in range(200)]


def test_unknown_is_tried_again_and_held_at_the_fifth_time() -> None:
    states = [after(Unknown("no answer"), unknown=unknown).state for unknown in range(5)]
    assert states == [State.PENDING] * 4 + [State.HELD]
    assert after(Unknown("no answer"), unknown=2).unknown == 3


def test_a_release_gives_five_more_tries_and_the_count_goes_on() -> None:
    became = lost_sight("expired", before(unknown=5), NOW)
    assert (became.state, became.unknown) == (State.PENDING, 6)


def test_the_ledger_repeats_no_address_that_a_relay_names() -> None:
    said = "550 5.1.1 <leser@example.org>:\r\n leser@example.org unknown in table"
    assert "leser@" not in without_addresses(said)
    assert "unknown in table" in without_addresses(said)
