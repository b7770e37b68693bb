"""When mails that come back are enough."""

from datetime import UTC, datetime, timedelta

from shared.subscriptions.score import ENOUGH, Bounce, enough, score

NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


def full(*days_ago: float) -> list[Bounce]:
    return [Bounce(NOW - timedelta(days=ago), "5.2.2", permanent=False) for ago in days_ago]


def test_one_mail_from_a_mailbox_that_does_not_exist_is_enough() -> None:
    assert enough([Bounce(NOW, "5.1.1", permanent=True)], NOW)


def test_a_mailbox_that_is_full_for_a_week_of_digests_is_enough_and_for_some_days_is_not() -> None:
    assert not enough(full(0, 1, 2, 3), NOW)
    assert enough(full(0, 1, 2, 3, 4, 5), NOW)


def test_a_day_counts_once_however_many_mails_it_had() -> None:
    assert score(full(0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06), NOW) < 1.01


def test_what_came_back_long_ago_fades() -> None:
    assert score(full(0), NOW) == 1.0
    assert score(full(30), NOW) == 0.5
    assert not enough(full(*range(0, 300, 14)), NOW)
    assert score(full(*range(0, 300, 14)), NOW) < ENOUGH


def test_a_clock_that_was_ahead_counts_nothing_more_than_now() -> None:
    assert score(full(-3), NOW) == 1.0
