"""When a source is polled next."""

from datetime import UTC, datetime, timedelta

import pytest

from services.collector.rhythm import LONGEST_BACK_OFF, QUICKEST, SLOWEST, Rhythm, next_poll, usual_gap
from shared.errors import Trouble

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def seconds(chance: float = 0.5, **rhythm: object) -> float:
    asked = Rhythm(**({"min_interval": 300.0} | rhythm))  # type: ignore[arg-type]
    return (next_poll(asked, NOW, chance) - NOW).total_seconds()


def test_the_gap_between_publications_sets_the_pace_within_bounds() -> None:
    assert seconds(gap=4 * 3600.0) == 3600
    assert seconds(gap=60.0) == QUICKEST
    assert seconds(gap=30 * 86_400.0) == SLOWEST


def test_jitter_spreads_by_a_tenth() -> None:
    assert (seconds(0.0, gap=4 * 3600.0), seconds(1.0, gap=4 * 3600.0)) == (3240, pytest.approx(3960))


def test_the_publisher_s_wishes_hold_up_to_six_hours() -> None:
    assert seconds(gap=3600.0, ttl=5400.0) == 5400
    assert seconds(gap=3600.0, max_age=7200.0) == 7200
    assert seconds(gap=3600.0, ttl=86_400.0) == 6 * 3600


def test_errors_back_off_up_to_a_day() -> None:
    assert seconds(gap=4 * 3600.0, errors=1) == 7200
    assert seconds(gap=4 * 3600.0, errors=2) == 14_400
    assert seconds(gap=4 * 3600.0, errors=50) == LONGEST_BACK_OFF


def test_who_turns_us_away_is_asked_rarely() -> None:
    assert seconds(trouble=Trouble.FORBIDDEN, errors=1) == 86_400
    assert seconds(trouble=Trouble.GONE, errors=1) == 7 * 86_400


def test_a_fixed_interval_is_fixed() -> None:
    assert seconds(0.0, interval=600.0, gap=60.0, ttl=7200.0, max_age=7200.0, errors=5) == 600
    assert seconds(1.0, interval=600.0) == 600


def test_no_interval_is_under_the_least_one() -> None:
    assert seconds(interval=1.0) == 300
    assert seconds(interval=1.0, min_interval=1.0) == 1


def test_retry_after_holds_always() -> None:
    assert seconds(interval=600.0, retry_after=3600.0) == 3600
    assert seconds(gap=60.0, retry_after=50_000.0) == 50_000


def test_the_usual_gap_is_the_median_and_needs_three_dates() -> None:
    days = [NOW - timedelta(days=n) for n in (1, 2, 3, 4, 40)]
    assert usual_gap(days, NOW) == 86_400
    assert usual_gap(days[:2], NOW) is None
    assert usual_gap([None, NOW, NOW, NOW + timedelta(days=9)], NOW) is None


def test_a_present_silence_stretches_the_gap() -> None:
    days = [NOW - timedelta(days=n) for n in (100, 101, 103)]
    assert usual_gap(days, NOW) == 2 * 86_400
