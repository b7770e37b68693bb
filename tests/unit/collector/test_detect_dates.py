"""Dates of listing pages: the order of their numbers, the day of an edit, a date within a title, days in order."""

from collections.abc import Callable
from typing import Final

import pytest

from services.collector.detect import detect_listing
from shared.errors import NotAFeed
from shared.web.client import Fetched
from tests.unit.collector.test_detect import BERLIN, GERMAN
from tests.unit.collector.test_detect_kinds import LEAD, found, german, listed, page

ISO: Final = tuple(day for _, day in GERMAN)
ORDERS: Final[dict[str, Callable[[str], str]]] = {
    "26/11/12": lambda day: day[2:].replace("-", "/"),
    "26-11-12": lambda day: day[2:],
    "26.11.12": lambda day: day[2:].replace("-", "."),
    "11/12/2026": lambda day: f"{day[5:7]}/{day[8:]}/{day[:4]}",
    "11/12/26": lambda day: f"{day[5:7]}/{day[8:]}/{day[2:4]}",
    "12/11/26": lambda day: f"{day[8:]}/{day[5:7]}/{day[2:4]}",
    "12.11.26": lambda day: f"{day[8:]}.{day[5:7]}.{day[2:4]}",
}


@pytest.mark.parametrize("order", ORDERS)
def test_the_numbers_of_a_page_s_dates_stand_in_one_order(order: str) -> None:
    write = ORDERS[order]
    assert listed(
        lambda to, title, day: f'<li><span>{write(day)}</span> <a href="{to}">{title}</a></li>', "ul"
    ) == list(GERMAN)


def test_two_dates_show_no_order_and_are_read_as_they_are_written_here() -> None:
    said = (("Energiespeicher für das Quartier geht in Betrieb", "05/11/26"), ("Fachtag zu Robotern", "04/11/26"))
    rows = "".join(f'<li><span>{day}</span> <a href="/n/{n}-a-b">{t}</a></li>' for n, (t, day) in enumerate(said))
    more = "".join(f'<li><a href="/n/{n}-c-d">{title}</a></li>' for n, (title, _) in enumerate(GERMAN))
    days = [day for _, day in found(page(f"<ul>{rows}{more}</ul>", "Presse"))]
    assert days[:2] == ["2026-11-05", "2026-11-04"]


EDITS: Final = {
    "by the element's name": '<i class="documentModified">{}</i> <i class="documentPublished">{}</i>',
    "by the words before it": "<b>Zuletzt geändert:</b> <em>{}</em> <b>Veröffentlicht:</b> <i>{}</i>",
    "by its own words": "<em>Mise à jour : {}</em> <i>Publié le {}</i>",
    "by the class of a time": '<time class="a updated" datetime="{}"></time><time class="b" datetime="{}"></time>',
}


@pytest.mark.parametrize("edit", EDITS)
def test_the_day_of_an_edit_is_not_the_day_of_publication(edit: str) -> None:
    assert listed(
        lambda to, title, day: (
            f'<div><h3><a href="{to}">{title}</a></h3>{EDITS[edit].format("19.11.2026", german(day))}</div>'
        )
    ) == list(GERMAN)


def test_the_day_of_an_edit_is_better_than_none() -> None:
    assert listed(
        lambda to, title, day: f'<li><a href="{to}">{title}</a> <i>Updated: {german(day)}</i></li>', "ul"
    ) == list(GERMAN)


def test_a_date_and_a_kicker_in_the_heading_are_no_part_of_the_title() -> None:
    assert listed(
        lambda to, title, day: (
            f'<li><h2><a href="{to}"><span class="d">{german(day)}</span><span class="k">Mitteilung</span> '
            f'<span class="t">{title}</span></a></h2><p>{LEAD}</p></li>'
        ),
        "ul",
    ) == list(GERMAN)


def test_minutes_in_the_order_of_their_days_are_a_listing_whatever_they_are_called() -> None:
    rows = "".join(
        f'<tr><td>{german(day)}</td><td>Sitzung {60 - n}</td><td><a href="/s/{day}.pdf">Protokoll</a></td></tr>'
        for n, day in enumerate(ISO)
    )
    table = f"<table><tr><th>Tag</th><th>Sitzung</th><th>Dokument</th></tr>{rows}</table>"
    sheet = Fetched("https://www.beispiel.example/gremien/archiv.html", 200, page(table, "Beirat: Archiv"))
    assert [f"{entry.published_on}" for entry in detect_listing(sheet, BERLIN).feed.entries] == list(ISO)
    shuffled = Fetched(sheet.url, 200, page(table.replace("12.11.2026", "12.08.2026"), "Beirat: Archiv"))
    sure = detect_listing(sheet, BERLIN).judgement.reasons
    assert "in the order of their days" in sure
    with pytest.raises(NotAFeed) as refusal:
        detect_listing(shuffled, BERLIN)
    assert "in the order of their days" not in str(refusal.value)


@pytest.mark.parametrize("parting", [" : ", " – ", " "])
def test_a_date_before_a_link_in_running_text_is_that_link_s(parting: str) -> None:
    rows = "".join(
        f'<b>{german(day)}</b>{parting}<a href="/n/{n}.htm">{title}</a><br>{LEAD}<br><br>'
        for n, (title, day) in enumerate(GERMAN)
    )
    assert found(page(f"<p>{rows}</p>")) == list(GERMAN)


def test_a_date_behind_a_link_in_running_text_is_that_link_s_too() -> None:
    rows = "".join(f'<a href="/n/{n}.htm">{title}</a> {german(day)}<br>' for n, (title, day) in enumerate(GERMAN))
    assert found(page(f"<p>{rows}</p>")) == list(GERMAN)


def test_an_entry_with_a_short_link_for_each_language_is_one_entry() -> None:
    assert listed(
        lambda to, title, day: (
            f"<li><time>{german(day)}</time><h3>{title}</h3>"
            f'<a href="{to}?l=de">DE</a> <a href="{to}?l=fr">FR</a></li>'
        ),
        "ul",
    ) == list(GERMAN)


def test_papers_with_a_link_for_each_form_are_no_listing_of_news() -> None:
    papers = "".join(
        f"<li>Dr. Anna Muster, Prof. Dr. Jan {'ABCDEFGHIJKLMNOP'[n]}. Beispiel: <i>{title}.</i> Journal of Data "
        f'{40 - n}, S. {n}1–{n}9. <a href="https://doi.example.org/10.1000/{n}7">doi</a> '
        f'<a href="paper-{n}-{100 + n}.pdf">pdf</a></li>'
        for n, (title, _) in enumerate(GERMAN * 2)
    )
    with pytest.raises(NotAFeed):
        found(page(f"<ol>{papers}</ol>", "A. Muster: Schriften"), "https://www.beispiel.example/team/muster.html")
