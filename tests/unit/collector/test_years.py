"""Days that are written without a year: read where they mean a day, and given the year that fits."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.collector.blocks.years import with_years
from services.collector.dates import read_day_of_year, zone_of
from services.collector.detect import detect_listing
from shared.web.client import Fetched

TODAY = date(2026, 11, 30)
TITLES = (
    "Energiespeicher für das Quartier geht in Betrieb",
    "Gemeinsames Labor für sichere Sprachmodelle gegründet",
    "Neue Professur für Robotik in der Pflege besetzt",
    "Studie: Wie Behörden offene Software einsetzen",
    "Ausschreibung für Rechenzeit verlängert bis Jahresende",
    "Fachtag zur Cybersicherheit in Krankenhäusern",
)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("12. Januar", (1, 12)),
        ("Mo, 12. Januar", (1, 12)),
        ("Montag, 12. Januar, 14:00 Uhr", (1, 12)),
        ("am 3. März", (3, 3)),
        ("3 mai", (5, 3)),
        ("Le 1er août", (8, 1)),
        ("mardi 3 févr. à 14h30", (2, 3)),
        ("12.01.", (1, 12)),
        ("Do 12.01.", (1, 12)),
        ("Jan 12", (1, 12)),
        ("12 Nov", (11, 12)),
        ("12. Januar 2026", None),
        ("12 Personen", None),
        ("Seite 12", None),
        ("31.13.", None),
        ("1.2.3", None),
        ("12", None),
    ],
)
def test_a_day_of_the_year_is_read(written: str, day: tuple[int, int] | None) -> None:
    assert read_day_of_year(written) == day


@given(some.text(max_size=60))
def test_any_text_is_read_or_not_and_never_an_error(written: str) -> None:
    read_day_of_year(written)


def years(
    *days: tuple[int, int] | date | None, hints: dict[int, int] | None = None, today: date | None = TODAY
) -> list[int | None]:
    known = [day if isinstance(day, date) else None for day in days]
    written = [day if isinstance(day, tuple) else None for day in days]
    near = [(hints or {}).get(number) for number in range(len(days))]
    return [day and day.year for day in with_years(written, known, near, today)]


def test_the_nearest_past_is_meant() -> None:
    assert years((11, 28), (11, 3), (12, 20), (12, 1)) == [2026, 2026, 2025, 2025]
    assert years((12, 1), (11, 30)) == [2026, 2026]  # a zone ahead of ours
    assert years((12, 24), (12, 5)) == [2025, 2025]


def test_a_long_list_goes_back_year_by_year() -> None:
    days = ((11, 20), (7, 1), (3, 4), (12, 10), (6, 2), (1, 5), (10, 30), (2, 1), (12, 24))
    assert years(*days) == [2026, 2026, 2026, 2025, 2025, 2025, 2024, 2024, 2023]
    assert years(*reversed(days)) == [2023, 2024, 2024, 2025, 2025, 2025, 2026, 2026, 2026]


def test_an_old_entry_that_is_pinned_to_the_top_moves_nobody_s_year() -> None:
    assert years((3, 15), (11, 28), (11, 20), (11, 3), (10, 30)) == [2026] * 5


def test_entries_of_one_year_may_be_out_of_order() -> None:
    assert years((11, 20), (11, 1), (10, 3), (10, 28), (9, 1)) == [2026] * 5


def test_what_stands_near_says_the_year() -> None:
    assert years((11, 20), (3, 4), hints={0: 2024, 1: 2023}) == [2024, 2023]
    assert years((11, 20), (3, 4), hints={0: 2030, 1: 2030}) == [2026, 2026]
    assert years(date(2024, 5, 3), (4, 2), (3, 1), (2, 20), (1, 7)) == [2024] * 5


def test_who_does_not_know_when_the_page_was_read_goes_by_what_it_shows() -> None:
    assert years((11, 20), (3, 4), today=None) == [None, None]
    assert years(date(2019, 5, 3), (4, 2), (12, 1), today=None) == [2019, 2019, 2018]
    assert years((11, 20), (3, 4), hints={0: 2018}, today=None) == [2018, 2018]


def test_the_29th_of_february_is_in_a_leap_year() -> None:
    assert years((2, 29)) == [2024]


def page(*rows: str, before: str = "") -> Fetched:
    body = f"<html lang='de'><title>Pressemitteilungen</title><h1>Presse</h1>{before}<ul>{''.join(rows)}</ul>"
    return Fetched("https://h.example.org/presse/", 200, body.encode(), at=datetime(2026, 11, 30, 9, tzinfo=UTC))


def dates(fetched: Fetched) -> list[str]:
    entries = detect_listing(fetched, zone_of("DE")).feed.entries
    assert [entry.title for entry in entries] == list(TITLES)
    return [f"{entry.published_on}" for entry in entries]


DAYS = ("28. November", "3. November", "20. Oktober", "2. Februar", "12. Dezember", "1. Dezember")
MEANT = ["2026-11-28", "2026-11-03", "2026-10-20", "2026-02-02", "2025-12-12", "2025-12-01"]


def test_a_listing_without_years_is_dated() -> None:
    rows = (
        f"<li><span>{day}</span><h3><a href='/presse/{number}'>{title}</a></h3><p>Worum es geht.</p></li>"
        for number, (day, title) in enumerate(zip(DAYS, TITLES, strict=True))
    )
    assert dates(page(*rows)) == MEANT


def test_a_box_of_day_and_month_is_a_date() -> None:
    rows = (
        f"<li><div class='date-box'><b>{day.split('.')[0]}</b><i>{day.split()[1][:3]}</i></div>"
        f"<h3><a href='/presse/{number}'>{title}</a></h3></li>"
        for number, (day, title) in enumerate(zip(DAYS, TITLES, strict=True))
    )
    assert dates(page(*rows)) == MEANT


def test_days_without_a_year_may_head_their_entries() -> None:
    rows = (
        f"</ul><h2>Freitag, {day}</h2><ul><li><a href='/presse/{number}'>{title}</a></li>"
        for number, (day, title) in enumerate(zip(DAYS, TITLES, strict=True))
    )
    assert dates(page(*rows)) == MEANT


def test_a_year_as_a_heading_is_that_of_its_entries() -> None:
    def row(number: int) -> str:
        return f"<li><span>{DAYS[number]}</span><a href='/presse/{number}'>{TITLES[number]}</a></li>"

    rows = [*map(row, range(3)), "</ul><h2>2024</h2><ul>", *map(row, range(3, 6))]
    assert dates(page(*rows, before="<h2>2026</h2>")) == [
        *MEANT[:3],
        "2024-02-02",
        "2024-12-12",
        "2024-12-01",
    ]
