"""Stories on pages, in the API and in queries: each event once unless somebody wants every publication."""

import pytest

from services.archivist.write import handler
from shared.archive.store import archived_item
from shared.query.match import document_of, matches
from shared.query.syntax import parse
from tests.archived import a_classified, a_verdict, live
from tests.meant import says
from tests.unit.portal.site import Portal

GERMAN, FRENCH = "Labor für KI gegründet", "Un laboratoire pour une IA de confiance"


@pytest.fixture
def told(portal: Portal) -> Portal:
    """An event in two languages, and another."""
    common = {"text": "Es kostet 40 Millionen Euro."}
    german = a_classified("lab-de", source="leuchtturm", source_name="Leuchtturm", title=GERMAN, **common)
    french = a_classified(
        "lab-fr",
        source="cote",
        source_name="Observatoire de la Côte",
        title=FRENCH,
        text="Il coûte 40 millions d'euros.",
        verdict=a_verdict(language="fr"),
    )
    handler(portal.store)(live(says(german, 1), says(french, 0.8), a_classified("anderes", title="Anderes")))
    return portal


def test_a_story_shows_its_languages_its_sources_in_order_and_why(told: Portal) -> None:
    text = told.get("/de/stories/lab-de").text
    assert "Auf DE, FR; Quellen in der Reihenfolge ihres Eingangs: Leuchtturm, Observatoire de la Côte" in text
    assert "dasselbe Ereignis in anderen Worten: Titel 0.80, Texte 0.80" in text
    assert "beide nennen 40.000.000" in text
    assert "titres 0.80, textes 0.80" in told.get("/fr/stories/lab-de").text


def test_hits_of_one_event_are_shown_once_and_all_of_them_on_demand(told: Portal) -> None:
    folded = told.get("/de/search?q=story:lab-de").text
    assert (GERMAN in folded, FRENCH in folded) in ((True, False), (False, True))
    assert "1 weitere Meldung zum selben Ereignis" in folded
    assert 'each=1" rel="nofollow">jede Meldung' in folded
    every = told.get("/de/search?q=story:lab-de&each=1").text
    assert GERMAN in every
    assert FRENCH in every
    assert "jedes Ereignis einmal" in every


def test_the_api_lists_items_with_their_story_and_collapses_when_asked(told: Portal) -> None:
    both = told.get("/api/v1/items?q=story:lab-de").json()["items"]
    assert {(item["item_id"], item["story"]) for item in both} == {("lab-de", "lab-de"), ("lab-fr", "lab-de")}
    assert len(told.get("/api/v1/items?q=story:lab-de&collapse=true").json()["items"]) == 1


def test_a_subscription_to_a_story_hears_of_its_items(told: Portal) -> None:
    with told.store.reading() as session:
        state = archived_item(session, "lab-fr")
    assert state is not None
    assert matches(parse("ereignis:lab-de"), document_of(state))
    assert not matches(parse("story:anderes"), document_of(state))


def test_an_operator_takes_a_publication_out_and_puts_it_back(told: Portal) -> None:
    form = told.get("/de/stories/lab-de/correct").text
    assert 'name="out" value="lab-fr"' in form
    told.post("/de/stories/lab-de/correct", {"out": ["lab-fr"], "note": ["anderes Labor"]})
    assert FRENCH not in told.get("/de/stories/lab-de").text
    assert "nie ein Ereignis (anderes Labor)" in told.get("/de/stories/lab-fr/correct").text
    told.post("/de/stories/lab-fr/correct", {"other": ["lab-de"]})
    assert FRENCH in told.get("/de/stories/lab-de").text


def test_nothing_is_split_that_would_leave_nothing(told: Portal) -> None:
    assert told.post("/de/stories/anderes/correct", {"out": ["anderes"]}).status_code == 400
    assert told.get("/de/stories/nichts/correct").status_code == 404
