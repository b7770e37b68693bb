"""Dates as German, French and English publishers write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collector.dates import parse_date, read_date, zone_of

BERLIN, PARIS = zone_of("DE"), zone_of("FR")


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("Fri, 12 Mar 2010 10:00:00 +0100", "2010-03-12T09:00"),
        ("Fr, 12 Mär 2010 10:00:00 +0100", "2010-03-12T09:00"),
        ("FR, 12 FEB 2010 10:00:00 GMT", "2010-02-12T10:00"),
        ("Thu,05 Aug 2010 10:00:00 GMT", "2010-08-05T10:00"),
        ("Mo, 13 Juli 2026 08:00:00 GMT", "2026-07-13T08:00"),
        ("Tue, 05 Dez 2023 10:00:00 +0100", "2023-12-05T09:00"),
        ("Donnerstag, 12. März 2026, 14:30 Uhr", "2026-03-12T13:30"),
        ("Mittwoch, 4. Dezember 2024 | 9 Uhr", "2024-12-04T08:00"),
        ("14:30 Uhr, 12.03.2026", "2026-03-12T13:30"),
        ("12.03.2026 14.30 Uhr", "2026-03-12T13:30"),
        ("12.3.26", "2026-03-12T00:00"),
        ("12/03/2026 10:00", "2026-03-12T09:00"),
        ("03/25/2026 10:00", "2026-03-25T09:00"),
        ("2026-04-25T18:43:28Z", "2026-04-25T18:43:28"),
        ("2026-04-25T20:43:28.123+02:00", "2026-04-25T18:43:28"),
        ("2026-04-25 20:43", "2026-04-25T18:43"),
        ("2026/11/29 20:48", "2026-11-29T19:48"),
        ("2026.11.29", "2026-11-29T00:00"),
        ("1763632800", "2025-11-20T10:00"),
        ("1763632800123", "2025-11-20T10:00:00.123"),
        ("1763632800.123", "2025-11-20T10:00"),
        ("2026-11-20T10Z", "2026-11-20T10:00"),
        ("202611201000", "2026-11-20T09:00"),
        ("2026-12-31T23:59:60Z", "2026-12-31T23:59:59"),
        ("5. Feber 2026", "2026-02-05T00:00"),
        ("/Date(1763632800000)/", "2025-11-20T10:00"),
        ("/Date(1763632800000+0100)/", "2025-11-20T10:00"),
        ("2026年11月20日", "2026-11-20T00:00"),
        ("2026年11月20日 10:30", "2026-11-20T09:30"),
        ("2026-W47-5", "2026-11-20T00:00"),
        ("20261120100000", "2026-11-20T09:00"),
        ("Fri, 20 Nov 2026 10:00:00 GMT+1", "2026-11-20T09:00"),
        ("Fri, 20 Nov 2026 10:00:00 UTC+2", "2026-11-20T08:00"),
        ("Fri, 20 Nov 2026 10:00:00 GMT-5", "2026-11-20T15:00"),
        ("2026-11-20 10:00 GMT+01:00", "2026-11-20T09:00"),
        ("20260425T200000Z", "2026-04-25T20:00"),
        ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37"),
        ("Thu Mar 12 14:00:00 CET 2026", "2026-03-12T13:00"),
        ("March 12, 2026 2:30 pm", "2026-03-12T13:30"),
        ("Thu, 1 Jan 2026 24:00:00 GMT", "2026-01-02T00:00"),
        ("\n  Thu, 12 Mar 2026 10:00:00 GMT \n", "2026-03-12T10:00"),
    ],
)
def test_german_and_english_dates_are_read(written: str, utc: str) -> None:
    assert parse_date(written, BERLIN) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("lun. 12 janv. 2026 14h30", "2026-01-12T13:30"),
        ("jeudi 5 février 2026 à 9 h 05", "2026-02-05T08:05"),
        ("1er mars 2026", "2026-03-01T00:00"),
        ("5 août 2026", "2026-08-05T00:00"),
        ("mar. 1 déc. 2026 08:00", "2026-12-01T07:00"),
        ("Mer, 15 juil 2026 10:00:00 +0200", "2026-07-15T08:00"),
    ],
)
def test_french_dates_are_read(written: str, utc: str) -> None:
    assert parse_date(written, PARIS) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("CET", 9),
        ("MEZ", 9),
        ("HNEC", 9),
        ("CEST", 8),
        ("MESZ", 8),
        ("HAEC", 8),
        ("GMT", 10),
        ("UTC", 10),
        ("Z", 10),
        ("+0100", 9),
        ("+01:00", 9),
        ("+01", 9),
        ("-0500", 15),
        ("EST", 15),
    ],
)
def test_a_zone_that_is_written_is_believed(zone: str, hour: int) -> None:
    assert parse_date(f"Thu, 12 Mar 2026 10:00:00 {zone}", PARIS) == datetime(2026, 3, 12, hour, tzinfo=UTC)


def test_without_a_zone_the_source_s_country_decides_in_summer_and_winter() -> None:
    assert parse_date("2026-01-12 10:00", BERLIN) == datetime(2026, 1, 12, 9, tzinfo=UTC)
    assert parse_date("2026-07-12 10:00", BERLIN) == datetime(2026, 7, 12, 8, tzinfo=UTC)
    assert parse_date("2026-07-12 10:00", zone_of("GB")) == datetime(2026, 7, 12, 9, tzinfo=UTC)
    assert parse_date("2026-07-12 10:00", zone_of("")) == datetime(2026, 7, 12, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "gestern",
        "il y a 3 jours",
        "2026",
        "99.99.2026",
        "Tue, 32 Jan 2026 10:00:00 GMT",
        "0001-01-01T00:00:00Z",
        "12 janv. 14h30",
        "9999-12-31T23:59:59-12:00",
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "1970-01-01T00:00:00Z",
        "Thu, 01 Jan 1970 01:00:00 +0100",
        "Wed, 31 Dec 1969 19:00:00 -0500",
        "0",
        "1989-11-09",
        "2026-11",
        "November 2026",
        "2026-W99-5",
        "12. März",
    ],
)
def test_what_is_no_day_is_none(written: str) -> None:
    assert parse_date(written, BERLIN) is None


@given(
    st.text(max_size=60)
    | st.from_regex(r"[0-9]{1,4}[-./ ][0-9a-zé]{1,9}[-./ ][0-9]{1,4} [0-9:h]{0,8} ?[A-Z+-]{0,4}[0-9]{0,4}")
)
def test_no_text_raises_and_every_answer_is_in_utc(written: str) -> None:
    moment = parse_date(written, BERLIN)
    assert moment is None or moment.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-11-12", "2026-11-12"),
        ("12 novembre 2026", "2026-11-12"),
        ("Thu, 12 Nov 2026 00:00:00 +0100", "2026-11-12"),
        ("2026-11-12T00:00:00+01:00", "2026-11-12"),
        ("2026-11-12T00:00:00", "2026-11-12"),
        ("Thu, 12 Nov 2026 00:00:00 GMT", "2026-11-12"),
        ("Wed, 11 Nov 2026 23:00:00 GMT", "2026-11-12"),
        ("2026-07-11T22:00:00Z", "2026-07-12"),
    ],
)
def test_a_day_without_a_time_and_a_local_midnight_are_the_publishers_day(written: str, day: str) -> None:
    dated = read_date(written, BERLIN)
    assert dated is not None
    assert str(dated.day) == day


@pytest.mark.parametrize(
    "written", ["Thu, 12 Nov 2026 10:00:00 +0100", "Wed, 11 Nov 2026 23:00:00 +0100", "2026-07-11T23:00:00Z"]
)
def test_a_time_of_day_is_a_moment_and_no_day(written: str) -> None:
    dated = read_date(written, BERLIN)
    assert dated is not None
    assert dated.day is None
