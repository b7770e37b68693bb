"""Slots of digests: local times, both days of daylight saving, year's end."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.notifier.digests import Hour, hour_of, latest_slot, next_slot
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


# Berlin, Paris and Miquelon change their clocks on other nights; Cayenne and Nouméa never do.
NIGHTS = {
    "Europe/Berlin": ("2026-03-29", "2026-10-25", "2027-03-28", "2027-10-31"),
    "Europe/Paris": ("2026-03-29", "2026-10-25", "2027-03-28", "2027-10-31"),
    "America/Miquelon": ("2026-03-08", "2026-11-01", "2027-03-14", "2027-11-07"),
    "America/Cayenne": ("2026-03-29", "2026-10-25", "2027-03-28", "2027-10-31"),
    "Pacific/Noumea": ("2026-03-29", "2026-10-25", "2027-03-28", "2027-10-31"),
}


@pytest.mark.parametrize("zone", NIGHTS)
def test_each_hour_has_one_slot_a_day_around_the_nights_of_the_clock_change(zone: str) -> None:
    for night in map(date.fromisoformat, NIGHTS[zone]):
        changes = {night + timedelta(days=n) for n in range(-2, 3)}
        for hour in range(24):
            moment = datetime.combine(night, time(), tzinfo=UTC) - timedelta(days=4)
            slots = []
            while len(slots) < 9:
                slots.append(next_slot(Every.DAILY, moment, zone, time(hour)))
                moment = slots[-1].moment
            near = [slot.local_date for slot in slots if slot.local_date in changes]
            assert near == sorted(changes)
            for slot in slots:
                local = slot.moment.astimezone(ZoneInfo(zone))
                assert local.date() == slot.local_date
                assert local.hour in (hour, hour + 1)  # a skipped hour is taken an hour later


@pytest.mark.parametrize("zone", NIGHTS)
def test_the_clock_changes_where_it_should(zone: str) -> None:
    changed = []
    for night in map(date.fromisoformat, NIGHTS[zone]):
        before, after = (datetime.combine(night, time(hour), tzinfo=ZoneInfo(zone)) for hour in (0, 12))
        changed.append(before.utcoffset() != after.utcoffset())
    assert all(changed) if zone not in ("America/Cayenne", "Pacific/Noumea") else not any(changed)


def test_a_week_may_begin_on_any_day() -> None:
    for weekday in range(7):
        slot = next_slot(Every.WEEKLY, utc(2026, 12, 30), BERLIN, time(18), weekday)
        assert (slot.local_date.weekday(), slot.moment.hour) == (weekday, 17)


def test_an_hour_is_kept_under_a_name_that_leads_back_to_it() -> None:
    for hour in (Hour("Europe/Berlin", 7), Hour("America/Cayenne", 23), Hour("Pacific/Noumea", 0)):
        assert hour_of(hour.label) == hour
    assert Hour("Europe/Berlin", 7).label == "07:00"
