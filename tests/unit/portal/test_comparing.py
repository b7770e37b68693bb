"""The page of a comparison: what one version says alone, what differs, and the ways to it."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import col, update

from shared.archive.tables import ItemRow
from shared.meaning.encoder import Lazy
from tests.archived import a_classified, a_verdict
from tests.unit.comparison.test_compare import CRITIC, DE, FR
from tests.unit.portal.site import LANGUAGES, Portal

TITLES = {
    "de": "Was die andere Fassung nicht sagt",
    "fr": "Ce que l’autre version ne dit pas",
    "en": "What the other version does not say",
}
PAGE = "/compare?left=lab-de&right=lab-fr"


@pytest.fixture
def both(portal: Portal) -> Portal:
    """A German and a French item; the German one has a sentence more, the French one another number."""
    wrong = FR.text.replace("15 millions", "50 millions")
    texts = ((DE, f"{DE.text} {CRITIC}"), (FR, wrong))
    portal.archive(
        *(
            a_classified(
                f"lab-{version.language}",
                verdict=a_verdict(language=version.language),
                title=version.title,
                text=text,
            )
            for version, text in texts
        )
    )
    return portal


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_in_three_languages_what_stands_where(both: Portal, language: str) -> None:
    page = both.get(f"/{language}{PAGE}")
    assert page.status_code == 200
    assert f"<h1>{TITLES[language]}</h1>" in page.text
    assert CRITIC in page.text
    assert "<strong>15 Mio</strong>" in page.text
    assert "<strong>50 millions</strong>" in page.text
    assert "Il recevra 50 millions d" in page.text


def test_the_page_quotes_only_what_it_marks(both: Portal) -> None:
    assert "Die Leitung übernimmt" not in both.get(f"/en{PAGE}").text


def test_versions_that_agree_are_said_to(both: Portal) -> None:
    page = both.get("/en/compare?left=lab-de&right=lab-de")
    assert "Each version says what the other does." in page.text


@pytest.mark.parametrize("path", ["/compare", "/compare?left=lab-de&right=nobody", "/compare?left=&right=lab-fr"])
def test_an_item_that_is_not_there_is_not_found(both: Portal, path: str) -> None:
    assert both.get(f"/en{path}").status_code == 404


def test_damaged_files_of_the_encoder_are_a_sentence(both: Portal, tmp_path: Path) -> None:
    site = both.app.state.site
    both.app.state.site = replace(site, encoder=Lazy(tmp_path / "nothing"))
    page = both.get(f"/de{PAGE}")
    assert page.status_code == 503
    assert "Die Dateien des Encoders sind beschädigt" in page.text


def test_item_and_story_lead_to_the_comparison_with_a_version_in_another_language(both: Portal) -> None:
    with both.store.writing() as session:
        session.execute(update(ItemRow).where(col(ItemRow.item_id).like("lab-%")).values(story="lab-de"))
    link = 'href="/fr/compare?left=lab-fr&amp;right=lab-de"'
    assert link in both.get("/fr/items/lab-fr").text
    assert 'href="/fr/compare?left=lab-de&amp;right=lab-fr"' in both.get("/fr/stories/lab-de").text
    assert "/compare" not in both.get("/fr/items/netz").text
