"""Slots of digests: local times, both days of daylight saving, year's end."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from services.notifier.digests import latest_slot, next_slot
from shared.subscriptions.words import Every

BERLIN = "Europe/Berlin"
HALF_PAST_TWO = time(2, 30)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc]


def test_a_daily_slot_is_seven_o_clock_where_the_person_lives() -> None:
    assert next_slot(Every.DAILY, utc(2026, 1, 15, 5), BERLIN).moment == utc(2026, 1, 15, 6)
    assert next_slot(Every.DAILY, utc(2026, 7, 15, 3), BERLIN).moment == utc(2026, 7, 15, 5)
    assert next_slot(Every.DAILY, utc(2026, 1, 15, 5), "America/Montreal").moment == utc(2026, 1, 15, 12)


def test_the_slot_itself_is_past_when_it_strikes() -> None:
    slot = utc(2026, 1, 15, 6)
    assert next_slot(Every.DAILY, slot, BERLIN).moment == utc(2026, 1, 16, 6)
    assert latest_slot(Every.DAILY, slot, BERLIN).moment == slot
    assert latest_slot(Every.DAILY, slot - timedelta(microseconds=1), BERLIN).moment == utc(2026, 1, 14, 6)


def test_a_weekly_slot_is_on_monday() -> None:
    assert next_slot(Every.WEEKLY, utc(2026, 3, 2, 6), BERLIN).local_date == date(2026, 3, 9)
    assert latest_slot(Every.WEEKLY, utc(2026, 3, 8, 23), BERLIN).local_date == date(2026, 3, 2)


def test_the_year_ends_without_a_gap() -> None:
    assert next_slot(Every.DAILY, utc(2026, 12, 31, 6), BERLIN).local_date == date(2027, 1, 1)
    assert latest_slot(Every.DAILY, utc(2027, 1, 1, 0), BERLIN).local_date == date(2026, 12, 31)


@pytest.mark.parametrize("spring", [date(2026, 3, 29), date(2027, 3, 28)])
def test_a_slot_in_the_skipped_hour_is_taken_an_hour_later_on_the_same_date(spring: date) -> None:
    midnight = datetime.combine(spring, time(0), tzinfo=UTC)
    slot = next_slot(Every.DAILY, midnight, BERLIN, HALF_PAST_TWO)
    assert slot.local_date == spring
    assert slot.moment == midnight + timedelta(hours=1, minutes=30)  # 03:30 summer time


@pytest.mark.parametrize("autumn", [date(2026, 10, 25), date(2027, 10, 31)])
def test_a_slot_in_the_doubled_hour_is_taken_once_the_first_time(autumn: date) -> None:
    midnight = datetime.combine(autumn, time(0), tzinfo=UTC)
    first = next_slot(Every.DAILY, midnight, BERLIN, HALF_PAST_TWO)
    assert (first.moment, first.local_date) == (midnight + timedelta(minutes=30), autumn)
    after = next_slot(Every.DAILY, first.moment, BERLIN, HALF_PAST_TWO)
    assert after.local_date == autumn + timedelta(days=1)


@pytest.mark.parametrize("zone", [BERLIN, "UTC", "Pacific/Auckland", "America/St_Johns", "Pacific/Apia"])
@pytest.mark.parametrize("at", [time(7), HALF_PAST_TWO, time(0)])
def test_every_local_date_has_exactly_one_daily_slot(zone: str, at: time) -> None:
    moment, dates = utc(2025, 12, 30), []
    while len(dates) < 800:
        slot = next_slot(Every.DAILY, moment, zone, at)
        assert slot.moment > moment
        assert latest_slot(Every.DAILY, slot.moment, zone, at) == slot
        dates.append(slot.local_date)
        moment = slot.moment
    assert dates == [dates[0] + timedelta(days=n) for n in range(800)]
