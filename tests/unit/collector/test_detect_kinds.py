"""What listing pages of many systems have in common beside their markup: dates and menus where titles stand.

Each page has the menu, the foot and the words of an institution's site; names are invented.
"""

from collections.abc import Callable, Sequence
from typing import Final

import pytest

from services.collector.detect import read_listing
from shared.errors import NotAFeed
from shared.web.client import Fetched
from tests.unit.collector.test_detect import BERLIN, FRENCH, GERMAN, HERE, detected

LEAD: Final = "Das Vorhaben verbindet mehrere Einrichtungen und läuft über drei Jahre; weitere sind willkommen."
MENU: Final = (
    "Startseite", "Über uns", "Leitung und Organisation", "Stellenangebote", "Ausbildung und Praktikum",
    "Mittelstand und Handwerk", "Gesetze und Verordnungen", "Kontakt zur Pressestelle", "Newsletter abonnieren",
)  # fmt: skip
MONTHS: Final = {"10": "Oktober", "11": "November"}
MOIS: Final = {"10": "octobre", "11": "novembre"}
Entry = Callable[[str, str, str], str]


def page(block: str, title: str = "Archiv") -> bytes:
    menu = "".join(f'<li><a href="/de/{number}">{name}</a></li>' for number, name in enumerate(MENU))
    return f"""<!doctype html><html lang="de"><title>{title}</title><body>
    <div class="top"><h1><a href="/">Institut für Beispiele</a></h1><ul>{menu}</ul></div>
    <div class="content"><h1>{title}</h1>{block}</div>
    <div class="bottom"><p>Institut für Beispiele</p><ul>{menu}</ul></div></body></html>""".encode()


def listed(entry: Entry, around: str = "div", said: tuple[tuple[str, str], ...] = GERMAN) -> list[tuple[str, str]]:
    """(title, day) of what is found on a page with one `entry` for each of what is said: link, title, day."""
    block = "".join(entry(f"/de/detail/{number}.html", title, day) for number, (title, day) in enumerate(said))
    return found(page(f"<{around}>{block}</{around}>"))


def found(body: bytes, url: str = HERE) -> list[tuple[str, str]]:
    entries = detected(body, url).feed.entries
    return [(entry.title, f"{entry.published_on}") for entry in entries]


def german(day: str) -> str:
    return f"{day[8:]}.{day[5:7]}.{day[:4]}"


ENTRIES: Final[dict[str, tuple[Entry, str]]] = {
    "a link around a card of spans": (
        lambda to, title, day: (
            f'<a class="flex" href="{to}"><span>{int(day[8:])}. {MONTHS[day[5:7]]} {day[:4]}</span>'
            f"<span>{title}</span><span>{LEAD}</span><span>Weiterlesen</span></a>"
        ),
        "div",
    ),
    "a link around a short card, a kicker first": (
        lambda to, title, day: (
            f'<a href="{to}"><div>Pressemitteilung</div><div>{title}</div><div>{german(day)}</div></a>'
        ),
        "section",
    ),
    "a date in an element of the link": (
        lambda to, title, day: f'<li><a href="{to}"><span>{german(day)}</span> {title}</a></li>',
        "ul",
    ),
    "a date in the link's words": (
        lambda to, title, day: f'<li><a href="{to}">{german(day)}: {title}</a></li>',
        "ul",
    ),
    "a date at the end of the link's words": (
        lambda to, title, day: f'<li><a href="{to}">{title} ({german(day)})</a></li>',
        "ul",
    ),
    "a date that opens the text": (
        lambda to, title, day: f'<div><h3><a href="{to}">{title}</a></h3><p>{german(day)} - {LEAD}</p></div>',
        "div",
    ),
    "a place and a date that open the text": (
        lambda to, title, day: f'<div><h3><a href="{to}">{title}</a></h3><p>Ulm, {german(day)} – {LEAD}</p></div>',
        "div",
    ),
    "a paragraph whose only link says more": (
        lambda to, title, day: f'<p><b>{german(day)}</b><br>{title}<br><a href="{to}">mehr …</a></p>',
        "div",
    ),
    "a list like the menu's": (
        lambda to, title, day: f'<li><a href="{to}">{title}</a> {german(day)}</li>',
        "ul",
    ),
}


@pytest.mark.parametrize("kind", ENTRIES)
def test_a_date_is_the_entry_s_and_no_part_of_its_title_and_the_menu_is_no_entry(kind: str) -> None:
    entry, around = ENTRIES[kind]
    assert listed(entry, around) == list(GERMAN)


def test_a_title_that_begins_with_a_date_where_others_do_not_stays_as_it_is() -> None:
    said = (("12.11.2026: Was sich ändert", "2026-11-12"), *GERMAN[1:])
    entry: Entry = lambda to, title, day: f'<li><a href="{to}">{title}</a><span>{german(day)}</span></li>'  # noqa: E731
    assert listed(entry, "ul", said) == list(said)


def test_days_before_the_links_get_their_year_from_the_heading() -> None:
    rows = "".join(
        f'<li>{int(day[8:])} {MOIS[day[5:7]]} : <a href="/fr/a{number}">{title}</a></li>'
        for number, (title, day) in enumerate(FRENCH)
    )
    assert found(page(f"<h2>2026</h2><ul>{rows}</ul>")) == list(FRENCH)


def test_month_and_day_as_numbers_get_their_year_from_the_heading() -> None:
    rows = "".join(
        f'<a href="/a{number}"><time>{day[5:]}</time> <span>{title}</span></a>'
        for number, (title, day) in enumerate(GERMAN)
    )
    assert found(page(f"<section><h3>2026</h3>{rows}</section>")) == list(GERMAN)


TEXT: Final = "".join(f"<p>{LEAD} {LEAD} {LEAD}</p>" for _ in range(4))
NAMES: Final = ("Digitale Verwaltung", "Energie und Klima", "Gesundheit", "Europa", "Mittelstand", "Forschung")


def tiles(names: Sequence[str]) -> str:
    made = (f'<h3><a href="/t/{n}-x-y">{name}</a></h3><p>{LEAD}</p>' for n, name in enumerate(names))
    return f"<div>{''.join(f'<div>{tile}</div>' for tile in made)}</div>"


def links(names: Sequence[str]) -> str:
    made = (f'<li><a href="/a{n}">{name}</a></li>' for n, name in enumerate(names))
    return f"<ul>{''.join(made)}</ul>"


TITLES: Final = tuple(title for title, _ in GERMAN)
CHAPTERS: Final = tuple(f"{number}.1 {title}" for number, title in enumerate(TITLES, 1))


@pytest.mark.parametrize(
    ("block", "title", "why"),
    [
        (tiles(NAMES), "Themen", "names rather than titles"),
        (links(CHAPTERS), "Handbuch", "numbered like chapters"),
        (f"{TEXT}<h2>Weiteres</h2>{tiles(TITLES[:5])}", "Ein Labor für alle", "below running text"),
        (f"<main>{TEXT}</main><aside>{tiles(TITLES[:5])}</aside>", "Ein Labor", "beside the page's content"),
        (f"<h2>12.11.2026</h2>{TEXT}{links(TITLES[:5])}", "Ein Labor für alle", "all have one date"),
    ],
)
def test_what_is_no_listing_is_told_by_what_its_block_is(block: str, title: str, why: str) -> None:
    with pytest.raises(NotAFeed, match=why):
        detected(page(block, title), "https://www.example.org/de/seite")


def test_links_to_further_pages_speak_for_a_listing() -> None:
    on = '<p><a href="?s=1">1</a> <a href="?s=2">2</a> <a href="?s=3">3</a></p>'
    one, many = (detected(page(f"{links(TITLES)}{after}")).judgement for after in ("", on))
    assert many.sure > one.sure
    assert "it goes on on further pages" in many.reasons


def test_minutes_are_called_by_their_day_where_nothing_else_is_said() -> None:
    rows = "".join(
        f'<li><a href="/p{day}.pdf">{int(day[8:])}. {MONTHS[day[5:7]]} 2026</a></li>' for _, day in GERMAN
    )
    body = page(f"<table><tr><td><ul>{rows}</ul></table>", "Protokolle der Ratssitzungen, Archiv")
    assert [title for title, _ in found(body)] == [f"{int(day[8:])}. {MONTHS[day[5:7]]} 2026" for _, day in GERMAN]


def test_a_year_that_links_to_its_own_page_is_no_entry() -> None:
    said = tuple((title, f"{2026 - number // 2}{day[4:]}") for number, (title, day) in enumerate(GERMAN))
    years: dict[str, str] = {}
    for number, (title, day) in enumerate(said):
        entry = f'<li><time datetime="{day}">{day[5:]}</time> <a class="title" href="/a{number}">{title}</a></li>'
        years[day[:4]] = years.get(day[:4], "") + entry
    sections = "".join(
        f'<section><h2><a href="/archiv/{year}">{year}</a></h2><ul>{entries}</ul></section>'
        for year, entries in years.items()
    )
    assert found(page(sections)) == list(said)


@pytest.mark.parametrize("name", ["/", "/de/", "/de/aktuelles/"])
def test_the_name_of_the_site_or_of_its_section_is_no_entry(name: str) -> None:
    rows = "".join(
        f'<div><h1><a href="/de/aktuelles/a{number}">{title}</a></h1><p>{german(day)}</p></div>'
        for number, (title, day) in enumerate(GERMAN[:4])
    )
    body = f'<html><body><div><h1><a href="{name}">Institut für Beispiele</a></h1></div>{rows}'.encode()
    assert found(body, "https://www.example.org/de/aktuelles/seite2/") == list(GERMAN[:4])


def test_the_most_read_titles_without_a_date_are_not_joined_to_the_dated_ones() -> None:
    rows = "".join(
        f'<div class="teaser"><h3><a href="/a{number}">{title}</a></h3><p>{german(day)}</p><p>{LEAD}</p></div>'
        for number, (title, day) in enumerate(GERMAN)
    )
    read = "".join(
        f'<div class="teaser"><h3><a href="/gelesen/{number}">{title}</a></h3></div>'
        for number, (title, _) in enumerate(FRENCH)
    )
    body = page(f"<div>{rows}</div><div><h2>Meistgelesen</h2>{read}</div>")
    assert found(body) == list(GERMAN)
    shape, again = detected(body).shape, Fetched(url=HERE, status=200, body=body, content_type="text/html")
    assert len(read_listing(again, shape, BERLIN).feed.entries) == len(GERMAN)
