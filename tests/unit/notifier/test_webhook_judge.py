"""What a try makes of a post and of its webhook: as a specification of the waits."""

from datetime import UTC, datetime, timedelta

import pytest

from services.notifier.outcomes import PATIENCE
from services.notifier.webhooks.judge import GIVE_UP, Standing, judge
from shared.subscriptions.words import State
from shared.web.posting import Answer

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_what_is_taken_ends_all_trouble(status: int) -> None:
    became = judge(Answer(status, ""), 3, Standing(5, NOW - timedelta(days=2)), NOW)
    assert (became.state, became.standing) == (State.SENT, Standing())


@pytest.mark.parametrize("status", [None, 500, 503, 408, 425, 429])
def test_one_that_is_away_is_left_in_peace_for_longer_and_longer_and_costs_no_post_its_tries(
    status: int | None,
) -> None:
    standing, waits = Standing(), []
    for _ in range(8):
        became = judge(Answer(status, ""), 0, standing, NOW)
        standing = became.standing
        assert (became.state, became.attempts) == (State.PENDING, 0)
        assert became.due_at == standing.not_before
        waits.append((became.due_at - NOW) // timedelta(minutes=1))
    assert waits == [1, 5, 15, 60, 120, 240, 480, 480]


@pytest.mark.parametrize("status", [301, 400, 401, 404, 413, 422])
def test_what_refuses_a_post_costs_that_post_alone_until_its_tries_are_over(status: int) -> None:
    became = judge(Answer(status, ""), 0, Standing(), NOW)
    assert became.standing.not_before == NOW + timedelta(seconds=10)
    assert became.due_at == NOW + timedelta(minutes=1)
    assert judge(Answer(status, ""), len(PATIENCE) - 1, Standing(), NOW).state is State.PENDING
    assert judge(Answer(status, ""), len(PATIENCE), Standing(), NOW).state is State.FAILED


def test_a_server_may_ask_for_more_time_but_not_for_ever() -> None:
    assert judge(Answer(503, "", 7200.0), 0, Standing(), NOW).due_at == NOW + timedelta(hours=2)
    assert judge(Answer(429, "", 1e9), 0, Standing(), NOW).due_at == NOW + timedelta(days=1)


def test_three_days_of_nothing_but_failures_pause_it_and_so_does_410() -> None:
    since = NOW - GIVE_UP
    assert judge(Answer(None, ""), 0, Standing(9, since), NOW).standing.paused
    assert not judge(Answer(None, ""), 0, Standing(9, since + timedelta(seconds=1)), NOW).standing.paused
    gone = judge(Answer(410, ""), 0, Standing(), NOW)
    assert gone.standing.paused
    assert gone.state is State.PENDING


def test_a_clock_that_was_ahead_makes_no_failure_begin_in_the_future() -> None:
    assert judge(Answer(500, ""), 0, Standing(1, NOW + timedelta(days=9)), NOW).standing.failing_since == NOW
