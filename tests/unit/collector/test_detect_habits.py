"""Habits of institutions' pages beside those of the common systems: small pages, invented words."""

from datetime import UTC, date, datetime
from typing import Final

import pytest

from services.collector.blocks.ago import age
from services.collector.dates import read_date
from services.collector.detect import detect_listing
from services.collector.entries import ParsedEntry
from shared.errors import NotAFeed
from shared.web.client import Fetched
from tests.unit.collector.test_detect import BERLIN, FRENCH, GERMAN, HERE
from tests.unit.collector.test_detect_kinds import LEAD, MONTHS, found, german, listed, page

AT: Final = datetime(2026, 11, 12, 23, 30, tzinfo=UTC)  # half past midnight of the 13th in Berlin


def read(block: str, title: str = "Aktuelles", url: str = HERE) -> tuple[ParsedEntry, ...]:
    fetched = Fetched(url=url, status=200, body=page(block, title), content_type="text/html", at=AT)
    return detect_listing(fetched, BERLIN).feed.entries


def test_a_day_without_its_year_in_the_heading_is_no_part_of_the_title() -> None:
    rows = "".join(
        f'<div><h3><a href="/de/m/{n}.html"><span>{int(day[8:])}. {MONTHS[day[5:7]]}</span> {title}</a></h3>'
        f"<p>{LEAD}</p></div>"
        for n, (title, day) in enumerate(GERMAN)
    )
    assert found(page(f"<h2>2026</h2>{rows}")) == list(GERMAN)


def test_a_heading_that_ends_with_its_date_keeps_it_where_it_would_break_off() -> None:
    said = tuple((f"Avis n° 26-{n} du {german(day)}", day) for n, (_, day) in enumerate(FRENCH, 10))
    assert listed(
        lambda to, title, _: f'<div><h3>{title}</h3><p><a href="{to}">PDF</a></p></div>', said=said
    ) == list(said)


def test_the_ministry_beside_each_release_is_no_entry() -> None:
    rows = "".join(
        f'<section><h2>{german(day)}</h2><div class="from"><a href="/de/haus/{n % 3}">Ministerium Nummer {n % 3}'
        f'</a></div><div class="title"><a href="/de/pm/{n}-meldung-des-tages">{title}</a></div></section>'
        for n, (title, day) in enumerate(GERMAN)
    )
    assert found(page(rows)) == list(GERMAN)


def test_a_paper_and_its_pdf_in_like_places_are_one_entry() -> None:
    rows = "".join(
        f'<tr><td>A. Muster, B. Beispiel<br><a href="/de/paper/{n}-lang"><em>{title}</em></a><br>S. 1-9</td>'
        f'<td><a href="/pdf/{n}.pdf">PDF</a> <a href="/bib/{n}.bib">BibTeX</a></td></tr>'
        for n, (title, _) in enumerate(GERMAN)
    )
    entries = read(f"<table>{rows}</table>", "Publikationen 2026")
    assert [entry.title for entry in entries] == [title for title, _ in GERMAN]


def test_one_short_title_among_cards_is_what_stands_where_the_titles_of_the_others_do() -> None:
    said = (*GERMAN[:3], ("Studie", "2026-11-03"), *GERMAN[4:])
    assert listed(
        lambda to, title, day: f'<a href="{to}"><i>{german(day)}</i><p><strong>{title}</strong> {LEAD}</p></a>',
        said=said,
    ) == list(said)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("12.–14. Mai 2026", date(2026, 5, 12)),
        ("du 12 au 14 mai 2026", date(2026, 5, 12)),
        ("1er et 2 juin 2026", date(2026, 6, 1)),
        ("12-14 May 2026", date(2026, 5, 12)),
        ("May 12–14, 2026", date(2026, 5, 12)),
        ("28. November bis 2. Dezember 2026", date(2026, 11, 28)),
        ("29 déc. au 2 janv. 2027", date(2026, 12, 29)),
        ("12.–14.05.2026", date(2026, 5, 12)),
        ("29.12. – 02.01.2027", date(2026, 12, 29)),
    ],
)
def test_what_lasts_several_days_has_the_date_of_its_first(said: str, day: date) -> None:
    dated = read_date(said, BERLIN)
    assert dated
    assert dated.day == day


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("vor 3 Tagen", 72),
        ("Redaktion · vor einem Tag", 24),
        ("il y a 2 heures", 2),
        ("il y a une heure", 1),
        ("5 days ago", 120),
        ("an hour ago", 1),
        ("Gestern, 14:30 Uhr", 24),
        ("aujourd’hui à 9h30", 0),
        ("vor 2 Wochen", None),
        ("3 months ago", None),
        ("vor 3 Jahren gegründet", None),
        ("hierarchie", None),
        ("Heute im Labor", None),
    ],
)
def test_an_age_is_as_exact_as_it_is_said(said: str, hours: int | None) -> None:
    span = age(said)
    assert (span and span.total_seconds() / 3600) == hours or (span is not None and hours == 0 and not span)


def test_ages_count_from_when_the_page_was_read_in_its_publishers_days() -> None:
    ages = ("vor 30 Minuten", "vor 5 Stunden", "vor 1 Tag", "vor 4 Tagen", "vor 9 Tagen")
    entries = read(
        "".join(
            f'<article><h2><a href="/de/post/{n}-beitrag">{title}</a></h2><p>Redaktion · {ages[n]}</p>'
            f"<p>{LEAD}</p></article>"
            for n, (title, _) in enumerate(GERMAN[:5])
        )
    )
    assert [entry.published for entry in entries[:2]] == [
        datetime(2026, 11, 12, 23, 0, tzinfo=UTC),
        datetime(2026, 11, 12, 18, 30, tzinfo=UTC),
    ]
    assert [entry.published_on for entry in entries[2:]] == [
        date(2026, 11, 12),
        date(2026, 11, 9),
        date(2026, 11, 4),
    ]


def test_few_entries_are_no_small_box_where_the_pages_content_is_nothing_else() -> None:
    rows = "".join(
        f'<li><i>{german(day)}</i> <a href="/de/termine/{n}-ein-tag">{title}</a></li>'
        for n, (title, day) in enumerate(GERMAN[:4])
    )
    assert len(read(f"<main><h1>Termine</h1><ul>{rows}</ul></main>", "Termine")) == 4


TILES: Final = {
    "what is offered": [
        f"{name} für Unternehmen und Verwaltung" for name in ("Beratung", "Prüfung", "Schulung", "Analyse")
    ],
    "projects": [
        f"{name} – Daten teilen in Lieferketten" for name in ("DATALINK", "GRIDSENSE", "MEDCHAIN", "EDGEFARM")
    ],
    "questions": [
        f"{name} man den Antrag bis zum Jahresende?"
        for name in ("Wann stellt", "Wo stellt", "Wie stellt", "Warum stellt")
    ],
}


@pytest.mark.parametrize("what", TILES)
def test_the_undated_pages_of_a_section_that_is_not_called_news_are_refused(what: str) -> None:
    block = "".join(
        f'<div class="tile"><h3><a href="/de/angebot/seite/{n}-lange-adresse">{title}</a></h3><p>{LEAD}</p></div>'
        for n, title in enumerate(TILES[what] * 2)
    )
    with pytest.raises(NotAFeed, match="not called news"):
        read(f"<main>{block}</main>", "Angebot", "https://www.example.org/de/angebot")


def test_a_title_above_two_links_of_which_neither_says_it_is_the_entry_s() -> None:
    assert listed(
        lambda to, title, day: (
            f"<div><p><b>{german(day)}</b></p><p>{title}</p>"
            f'<p><a href="{to}">Zur Mitteilung</a> | <a href="{to}.pdf">PDF-Download (120 KB)</a></p></div>'
        )
    ) == list(GERMAN)


def test_what_stands_out_in_a_cell_is_the_title_and_what_follows_it_is_not() -> None:
    rows = "".join(
        f"<tr><td>{german(day)}<br>9 Uhr</td><td><b>{title}</b><br>Haus der Wirtschaft, Saal {n}</td>"
        f'<td><a href="/de/termin/{n}.ics"><img src="ics.gif" alt="Termin"></a></td></tr>'
        for n, (title, day) in enumerate(GERMAN)
    )
    assert found(page(f"<table>{rows}</table>")) == list(GERMAN)


def test_a_date_that_is_a_link_is_no_title_however_short_the_title_is() -> None:
    said = (*GERMAN[:3], ("Kurz", "2026-11-03"), *GERMAN[4:])
    rows = "".join(
        f'<tr><td><a href="/de/sitzung/{n}.pdf">{int(day[8:])}. {MONTHS[day[5:7]]} {day[:4]}</a></td>'
        f"<td>{title}</td></tr>"
        for n, (title, day) in enumerate(said)
    )
    assert found(page(f"<table>{rows}</table>")) == list(said)


def test_a_dateline_is_the_entry_s_date() -> None:
    assert listed(
        lambda to, title, day: (
            f"<div><h4>{title}</h4><p>Berlin/Paris, {int(day[8:])}. {MONTHS[day[5:7]]} {day[:4]} – {LEAD}"
            f' <a href="{to}">Weiterlesen …</a></p></div>'
        )
    ) == list(GERMAN)


@pytest.mark.parametrize("month", ["nov.", "nove", "Novem", "NOV"])
def test_a_month_may_be_cut_anywhere_where_it_stays_one(month: str) -> None:
    dated = read_date(f"12 {month} 2026", BERLIN)
    assert dated
    assert dated.day == date(2026, 11, 12)
    assert read_date("12 jui 2026", BERLIN) is None


def test_issues_that_name_their_month_are_a_listing() -> None:
    rows = "".join(
        f'<li><a href="/ausgaben/{n}">Ausgabe {n} | {month} 2026: {title}</a></li>'
        for n, (month, (title, _)) in enumerate(zip(("März", "April", "Mai", "Juni") * 2, GERMAN, strict=True))
    )
    entries = read(f"<main><ul>{rows}</ul></main>", "Newsletter", "https://www.example.org/hefte")
    assert len(entries) == len(GERMAN)
    assert not any(entry.published for entry in entries)


@pytest.mark.parametrize("head", ["<title>Aktuelles</title>", "<head><meta charset=utf-8><title>A</title>", ""])
def test_a_page_may_leave_out_the_tags_that_html_lets_it_leave_out(head: str) -> None:
    rows = "".join(
        f'<article><h2><a href="/de/meldung/{n}-des-tages">{title}</a></h2><p>{german(day)}</p></article>'
        for n, (title, day) in enumerate(GERMAN)
    )
    assert found(f"<!doctype html>{head}<main>{rows}</main>".encode()) == list(GERMAN)


def test_a_link_that_says_what_file_it_is_and_how_large_bears_no_title() -> None:
    rows = "".join(
        f'<tr><td>{german(day)}</td><td>{title}</td><td><a href="/de/pm-{n}.pdf">PDF, 12{n} KB</a></td></tr>'
        for n, (title, day) in enumerate(GERMAN)
    )
    assert found(page(f"<table>{rows}</table>")) == list(GERMAN)


def test_the_kind_of_text_before_the_date_of_a_card_is_no_title() -> None:
    rows = "".join(
        f'<div><a href="/de/m/{n}"><div><p class="h">Meldung • {german(day)}</p>'
        f'<p class="i">{title}</p></div></a></div>'
        for n, (title, day) in enumerate(GERMAN)
    )
    assert found(page(rows)) == list(GERMAN)


def test_persons_are_no_entries_though_each_is_there_since_a_day() -> None:
    names = (
        "Prof. Dr. Ada Beispiel",
        "Dr. Bo Beispiel",
        "Dipl.-Ing. Cem Muster",
        "M. Sc. Dana Muster",
        "Dr. Eva Muster",
    )
    rows = "".join(
        f'<div><h3><a href="/team/{n}">{name}</a></h3><p>Arbeitsgruppe Netze, seit {n + 1}.3.2024</p></div>'
        for n, name in enumerate(names)
    )
    with pytest.raises(NotAFeed, match="names of persons"):
        read(rows, title="Team", url="https://www.example.org/team")
