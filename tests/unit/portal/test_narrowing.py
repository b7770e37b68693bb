"""Narrowing a search: filters with counts in the address, marked hits, excerpts by the source's terms."""

from datetime import timedelta

import pytest

from services.portal.choices import Choices
from services.portal.narrowing import counted
from services.portal.passages import around
from shared.archive.excerpts import OPEN, RESERVED, USUAL, room_under
from shared.items import ClassifiedItem
from shared.sources.tables import SourceRow
from tests.archived import NOON, a_classified, a_verdict
from tests.unit.portal.site import LANGUAGES, Portal, a_german_item


def a_french_item(item_id: str = "reseau") -> ClassifiedItem:
    verdict = a_verdict(
        language="fr", themes=("ai",), scores={"ai": 0.9}, sovereignty=0.3, organisations=("Inria",)
    )
    return a_classified(
        item_id,
        verdict=verdict,
        source="inria",
        country="FR",
        title="Le réseau apprend",
        text="Un réseau <b>gras</b> qui apprend.",
        published=NOON - timedelta(days=40),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_filters_say_what_they_find(portal: Portal, language: str) -> None:
    portal.archive(a_french_item())
    text = portal.get(f"/{language}/search").text
    for part in ("theme=ai", "in=fr", "country=FR", "source=inria", "org=inria", "band=0.2", "month=2026-01"):
        link = text.split(f'href="/{language}/search?{part}"')[-1].split("</a>")[0]
        assert '<span class="count">1</span>' in link, part


def test_a_choice_of_a_kind_leaves_the_counts_of_its_kind(portal: Portal) -> None:
    portal.archive(a_french_item())
    text = portal.get("/de/search?in=fr").text
    assert "1 Meldung" in text
    other = text.split('href="/de/search?in=de&amp;in=fr"')[1] if "in=de&amp;in=fr" in text else ""
    other = other or text.split('href="/de/search?in=fr&amp;in=de"')[1]
    assert '<span class="count">1</span>' in other.split("</a>")[0]
    both = portal.get("/de/search?in=fr&in=de").text
    assert "2 Meldungen" in both


def test_every_filter_narrows(portal: Portal) -> None:
    portal.archive(a_french_item())
    for part in ("source=inria", "org=inria", "band=0.2", "month=2026-01", "country=FR"):
        text = portal.get(f"/de/search?{part}").text
        assert "1 Meldung" in text, part
        assert "Le réseau apprend" in text
        assert "KI steuert das Netz" not in text


def test_hits_are_marked_in_title_and_excerpt_and_markup_of_others_is_text(portal: Portal) -> None:
    portal.archive(a_french_item())
    text = portal.get("/fr/search?q=réseaux").text
    assert "Le <mark>réseau</mark> apprend" in text
    assert "Un <mark>réseau</mark> &lt;b&gt;gras&lt;/b&gt; qui apprend." in text


def test_an_item_without_a_summary_shows_the_words_around_the_hit(portal: Portal) -> None:
    long = "Einleitung ohne das Gesuchte. " * 30 + "Hier steht der Elektrolyseur am Rand. " + "Schluss. " * 50
    portal.archive(a_german_item("lang", title="Bericht", summary="", text=long))
    text = portal.get("/de/search?q=Elektrolyseur").text
    assert "… " in text
    assert "<mark>Elektrolyseur</mark> am Rand" in text


@pytest.mark.parametrize(
    ("licence", "room"),
    [
        ("", USUAL),
        ("CC BY 4.0", OPEN),
        ("CC BY-NC 4.0", RESERVED),
        ("personal, non-professional use", RESERVED),
        ("commercial use limited", RESERVED),
    ],
)
def test_an_excerpt_is_as_long_as_the_terms_allow(portal: Portal, licence: str, room: int) -> None:
    assert room_under(licence) == room
    with portal.store.writing() as session:
        session.add(SourceRow(id="press", url="https://example.org/feed", name="Presse", licence=licence))
    portal.archive(a_german_item("lang", source="press", title="x", summary="", text="Wort " * 400))
    text = portal.get("/de/search?q=source:press").text
    quoted = text.split("<article")[1].split("<p")[1].split(">", 1)[1].split("</p>")[0]
    assert room - 20 < len(quoted) <= room + 4


def test_the_words_around_a_hit_never_leave_the_text() -> None:
    text = "a" * 50 + " Netz " + "b" * 400
    pieces = around(text, [(51, 55)], 100)
    assert "".join(piece.text for piece in pieces if piece.marked) == "Netz"
    assert len("".join(piece.text for piece in pieces)) <= 104
    assert around("kurz", [], 100)[0].text == "kurz"
    assert around("", [], 100) == ()


def test_a_search_for_words_is_ranked_and_the_reader_can_have_it_by_date(portal: Portal) -> None:
    portal.archive(
        a_german_item("alt", title="Elektrolyseur", published=NOON - timedelta(days=300)),
        a_german_item("neu", title="Bericht", text="Ein Elektrolyseur.", summary="", published=NOON),
    )
    ranked, dated = (
        portal.get("/de/search?q=Elektrolyseur").text,
        portal.get("/de/search?q=Elektrolyseur&order=newest").text,
    )
    assert ranked.index("/items/alt") < ranked.index("/items/neu")
    assert dated.index("/items/neu") < dated.index("/items/alt")
    assert 'href="/de/search?q=Elektrolyseur&amp;order=newest"' in ranked


def test_what_is_passed_over_is_said(portal: Portal) -> None:
    assert "Nicht gesucht, weil ohne eigene Bedeutung: das" in portal.get("/de/search?q=das Netz").text


def test_a_kind_of_which_the_newest_hits_alone_were_counted_is_known(portal: Portal) -> None:
    portal.archive(a_french_item())
    with portal.store.reading() as session:
        counts, newest = counted(session, Choices(q="Netz OR réseau", themes=("ai",)), among=1)
        assert counts["themes"] == {"ai": 1} or counts["themes"] == {"energy": 1}
        assert newest == {"themes"}  # one has the theme, and the words alone find two
        assert counted(session, Choices(themes=("ai",)), among=1)[1] == frozenset()  # of one field all are counted


def test_a_long_search_is_not_said_again_by_every_filter(portal: Portal) -> None:
    words = " OR ".join(f"Wort{number:05}" for number in range(230))
    usual = portal.get("/de/search?q=Netz&theme=energy").text
    text = portal.get("/de/search", params={"q": words, "theme": "energy"}).text
    assert len(text) < 35 * len(words)
    assert "Die Suche ist lang" in text
    assert "Die Suche ist lang" not in usual
    assert text.count('class="chip ') == 1  # what was chosen can be given up
