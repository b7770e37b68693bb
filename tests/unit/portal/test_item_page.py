"""The page of an item: why it has its tags, where it was seen, and nothing that a feed could smuggle in."""

from datetime import timedelta

import pytest

from shared.archive.stories import merge
from shared.items import Reason
from tests.archived import NOON, a_classified, a_verdict
from tests.unit.portal.site import Portal, a_german_item

EVIL = '<script>alert(1)</script><img src=x onerror="alert(2)">'


def test_the_passages_that_carried_the_verdict_are_marked_in_the_words(portal: Portal) -> None:
    text = portal.get("/de/items/netz").text
    assert "<mark>das Netz</mark>" in text
    assert "<blockquote>ohne Anbieter aus Übersee</blockquote>" in text


def test_tags_are_shown_as_a_machines_with_its_name_and_scores(portal: Portal) -> None:
    text = portal.get("/de/items/netz").text
    assert "Vergeben von der Maschine „lexicon-1“" in text
    assert "93\u00a0%" in text
    assert "Zu digitaler Souveränität" in text
    assert "Gesundheit" not in text  # a score without a reason and below the threshold says nothing


def test_times_are_readable_by_machines(portal: Portal) -> None:
    assert (
        '<time datetime="2026-03-02T12:00:00Z" title="2. März 2026, 13:00 Mitteleuropäische'
        in portal.get("/de/items/netz").text
    )


def test_revisions_sightings_and_siblings_are_listed(portal: Portal) -> None:
    later = NOON + timedelta(hours=2)
    portal.archive(a_german_item(title="KI steuert das Netz besser", fetched_at=later, at=later))
    portal.archive(a_german_item(source="agentur", source_name="Agentur", fetched_at=later))
    portal.archive(a_german_item("zweite", title="Dieselbe Nachricht"))
    with portal.store.writing() as session:
        merge(session, ("netz", "zweite"), later)
    text = portal.get("/de/items/netz").text
    assert "Fassungen" in text
    assert "KI steuert das Netz besser" in text
    assert "Auch gesehen bei" in text
    assert "agentur" in text
    assert "Zum selben Ereignis" in text
    story = portal.get("/de/stories/netz").text
    assert "2 Meldungen zum selben Ereignis" in story


def test_what_a_feed_smuggles_in_is_shown_as_text(portal: Portal) -> None:
    reasons = (Reason(label="energy", passage=EVIL, weight=1.0),)
    portal.archive(
        a_classified(
            "evil",
            title=EVIL,
            summary=EVIL,
            source='"><script>',
            source_name=EVIL,
            authors=(EVIL,),
            verdict=a_verdict(reasons=reasons, organisations=(EVIL,), model=EVIL, themes=("energy", EVIL)),
        )
    )
    for path in ("/", "/search", "/items/evil", "/stories/evil"):
        text = portal.get(f"/de{path}").text
        assert "<script" not in text
        assert "<img src=x" not in text
        assert "&lt;script&gt;" in text, path


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        " javascript:alert(1)",
        "https:///x",
        "//x",
    ],
)
def test_an_address_that_no_browser_should_follow_is_not_linked(portal: Portal, url: str) -> None:
    portal.archive(a_classified("evil", url=url))
    text = portal.get("/de/items/evil").text
    assert url.strip() not in text
    assert "keinen brauchbaren Link" in text


def test_what_the_archive_does_not_have_is_not_found(portal: Portal) -> None:
    assert portal.get("/de/items/none").status_code == 404
    assert portal.get("/de/stories/none").status_code == 404


def test_an_item_without_date_theme_or_words_has_a_page(portal: Portal) -> None:
    verdict = a_verdict(language="other", scores={}, themes=(), reasons=(), organisations=(), sovereignty=0.0)
    portal.archive(a_classified("bare", published=None, text="", verdict=verdict, url=None))
    text = portal.get("/de/items/bare").text
    assert "ohne Datum" in text
    assert "kein Thema gefunden" in text
