"""A rhythm: what is far above it, and when numbers mean nothing."""

from datetime import date, timedelta

import pytest

from shared.archive.rhythm import WEEK, WEEKS, Days, is_holiday, usual

SPRING = date(2026, 5, 31)


def days(
    week: int, own: int, last: int, *, until: date = SPRING, every: int = 40, risen: int = 40, sources: int = 3
) -> Days:
    """`own` of `every` a week for half a year, then `last` of `risen`."""
    assert week == WEEK
    return Days(until, _spread(own, last), _spread(every, risen), sources)


def _spread(usually: int, last: int) -> list[int]:
    return [*([usually, *[0] * (WEEK - 1)] * WEEKS), last, *[0] * (WEEK - 1)]


@pytest.mark.parametrize(
    ("own", "last", "found"),
    [(2, 14, 2.0), (2, 6, None), (0, 5, 0.0), (0, 4, None), (10, 26, 10.0), (10, 22, None), (40, 66, None)],
)
def test_a_number_is_far_above_its_rhythm_or_not(own: int, last: int, found: float | None) -> None:
    assert usual(days(WEEK, own, last)) == found


def test_what_rises_with_everything_is_none() -> None:
    assert usual(days(WEEK, 4, 16)) == 4.0
    assert usual(days(WEEK, 4, 16, risen=160)) is None


def test_one_source_alone_is_none() -> None:
    assert usual(days(WEEK, 2, 14, sources=1)) is None


@pytest.mark.parametrize(
    ("until", "quiet"),
    [(date(2026, 8, 20), True), (date(2026, 12, 30), True), (date(2026, 1, 8), True), (date(2026, 10, 4), False)],
)
def test_holidays_show_none(until: date, *, quiet: bool) -> None:
    assert (usual(days(WEEK, 2, 14, until=until)) is None) is quiet


def test_weeks_of_holidays_are_no_rhythm_so_that_september_is_none() -> None:
    """Half of the year before was August and Christmas, when nothing came."""
    until = date(2026, 9, 13)
    own = [0 if is_holiday(until - timedelta(days=WEEK * (n + 1) + 6)) else 6 for n in range(WEEKS)][::-1]
    counts = [each for count in own for each in (count, *[0] * (WEEK - 1))]
    every = [each for _ in own for each in (40, *[0] * (WEEK - 1))]
    last = [12, *[0] * (WEEK - 1)]
    assert usual(Days(until, [*counts, *last], [*every, 40, *[0] * (WEEK - 1)], 3)) is None


def test_a_young_archive_shows_none() -> None:
    young = [0] * (WEEK * (WEEKS - 6)) + [1] * (WEEK * 6) + [9] * WEEK
    assert usual(Days(SPRING, young, young, 3)) is None
