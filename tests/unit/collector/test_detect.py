"""Listing pages without selectors: what is found on the pages of common systems, and what is refused in words.

The pages of `tests/sites/` have the markup that the named systems write; bodies and words are invented.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.collector.detect import Detected, detect_listing
from shared.errors import NotAFeed
from shared.web.client import Fetched

SITES: Final = Path(__file__).parents[2] / "sites"
BERLIN: Final = ZoneInfo("Europe/Berlin")
HERE: Final = "https://www.example.org/de/aktuelles/"
GERMAN: Final = (
    ("Energiespeicher für das Quartier geht in Betrieb", "2026-11-12"),
    ("Gemeinsames Labor für sichere Sprachmodelle gegründet", "2026-11-10"),
    ("Neue Professur für Robotik in der Pflege besetzt", "2026-11-06"),
    ("Studie: Wie Behörden offene Software einsetzen", "2026-11-03"),
    ("Ausschreibung für Rechenzeit verlängert", "2026-10-29"),
    ("Fachtag zur Cybersicherheit in Krankenhäusern", "2026-10-27"),
    ("Mittelstand testet kleine Sprachmodelle im Lager", "2026-10-21"),
    ("Delegation aus Lyon besucht das Testfeld", "2026-10-19"),
)
FRENCH: Final = (
    ("Un jumeau numérique pour le réseau de chaleur", "2026-11-12"),
    ("Le laboratoire commun choisit ses premiers projets", "2026-11-09"),
    ("Appel à manifestation : calcul intensif et santé", "2026-11-05"),
    ("Souveraineté numérique : le rapport est en ligne", "2026-11-02"),
    ("Une chaire consacrée aux données ouvertes", "2026-11-01"),
    ("Rencontres franco-allemandes de la robotique", "2026-10-28"),
)
LISTINGS: Final = {
    "typo3": GERMAN,
    "government_site_builder": GERMAN,
    "drupal": FRENCH,
    "wordpress": GERMAN,
    "spip": FRENCH,
    "plone": GERMAN,
    "table": GERMAN,
    "definition_list": GERMAN,
    "flat_headings": GERMAN,
    "whole_card_is_a_link": GERMAN,
    "two_groups": GERMAN,
    "kickers": GERMAN,
}


def saved(site: str) -> bytes:
    return (SITES / f"{site}.html").read_bytes()


def detected(body: bytes, url: str = HERE) -> Detected:
    return detect_listing(Fetched(url=url, status=200, body=body, content_type="text/html"), BERLIN)


def listed(site: str) -> tuple[tuple[str, str], ...]:
    """(title, day) of what is found."""
    entries = detected(saved(site)).feed.entries
    return tuple(
        (entry.title, f"{entry.published.astimezone(BERLIN):%Y-%m-%d}") for entry in entries if entry.published
    )


@pytest.mark.parametrize("site", LISTINGS)
def test_the_entries_of_a_listing_are_found_without_selectors(site: str) -> None:
    assert listed(site) == LISTINGS[site]


def test_a_day_that_heads_several_entries_is_the_date_of_each() -> None:
    days = ("2026-11-12", "2026-11-06", "2026-10-29", "2026-10-21")
    assert listed("day_headings") == tuple((title, days[n // 2]) for n, (title, _) in enumerate(GERMAN))


@pytest.mark.parametrize(
    ("site", "why"),
    [
        ("article", "running text"),
        ("home", "small part of the page"),
        ("script_filled", "a script fills it"),
        ("contacts", "does not look like a listing"),
        ("login", "does not look like a listing"),
        ("not_found", "its title says"),
    ],
)
def test_what_is_no_listing_is_refused_in_words(site: str, why: str) -> None:
    with pytest.raises(NotAFeed, match=why):
        detected(saved(site))


def test_the_links_of_a_page_are_relative_to_its_base_which_may_be_relative_itself() -> None:
    first = detected(saved("government_site_builder")).feed.entries[0]
    assert first.url is not None
    assert first.url.startswith("https://www.example.org/SharedDocs/Pressemitteilungen/DE/2026/")


def test_an_entry_is_never_the_author_the_category_or_the_word_more() -> None:
    for site in ("wordpress", "spip", "typo3"):
        urls = [entry.url or "" for entry in detected(saved(site)).feed.entries]
        assert not [url for url in urls if "category" in url or "auteur" in url]
        assert len(urls) == len(set(urls)) == len(LISTINGS[site])


def test_a_person_sees_the_reasons_and_the_second_best_block() -> None:
    found = detected(saved("wordpress"))
    assert any("8 entries" in reason for reason in found.judgement.reasons)
    assert found.second


def test_a_page_says_its_encoding_in_its_head_alone() -> None:
    body = saved("typo3").decode().replace('charset="utf-8"', 'charset="iso-8859-15"').encode("iso-8859-15")
    assert detected(body).feed.entries[0].title == GERMAN[0][0]


@given(some.binary(max_size=400) | some.text(max_size=400).map(lambda text: f"<ul>{text}<a href='x'>".encode()))
def test_any_bytes_are_a_listing_or_a_refusal(body: bytes) -> None:
    with suppress(NotAFeed):
        assert detected(body).feed.entries
