"""What has names and numbers in common is of one subject though it does not lie near, and says why."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.archivist import subjects
from services.archivist.write import handler
from services.cli.stories import explained
from shared.archive.search import story
from shared.archive.subjects import Related, related
from shared.items import ClassifiedItem
from shared.store import Store
from tests.archived import a_classified, a_verdict, later, live
from tests.fakes import FakeClock, a_store
from tests.meant import says

GERMAN = (
    "DFKI und Inria eröffnen Labor in Saarbrücken",
    "Am Donnerstag haben das DFKI und Inria in Saarbrücken ihr gemeinsames Labor LUMEN eingeweiht. "
    "40 Forschende sollen dort vertrauenswürdige Sprachmodelle bauen.",
)
FRENCH = (
    "Sarrebruck : un centre franco-allemand pour l'IA de confiance",
    "Fruit de deux ans de négociations, LUMEN réunit une quarantaine de chercheurs d'Inria et du DFKI. "
    "La ministre a coupé le ruban jeudi à Sarrebruck, devant la presse.",
)
ELSEWHERE = (
    "Grenoble : la recherche quantique recrute",
    "Le CEA cherche quinze ingénieurs pour son programme de capteurs. Les candidatures sont ouvertes.",
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = a_store(tmp_path, FakeClock(later(days=20)))
    yield opened
    opened.close()


def told(item_id: str, words: tuple[str, str], cosine: float, *, days: float = 0, way: int = 1) -> ClassifiedItem:
    language = "de" if words is GERMAN else "fr"
    said = {"source": f"source-{item_id}", "title": words[0], "text": words[1], "published": later(days=days)}
    verdict = a_verdict(language=language, organisations=())
    return says(a_classified(item_id, verdict=verdict, **said), cosine, way=way)


def near(store: Store, item_id: str) -> list[Related]:
    subjects.step(store)
    with store.reading() as session:
        return list(related(session, [item_id], item_id))


def test_two_reports_in_their_own_words_are_of_one_subject(store: Store) -> None:
    handler(store)(live(told("de", GERMAN, 1), told("fr", FRENCH, 0.51), told("other", ELSEWHERE, 0.51, way=2)))
    assert [(each.story, each.named) for each in near(store, "de")] == [("fr", True)]
    assert [(each.story, each.named) for each in near(store, "fr")] == [("de", True)]
    with store.reading() as session:
        assert len(story(session, "de")) == 1


def test_weeks_later_it_is_another_event(store: Store) -> None:
    handler(store)(live(told("de", GERMAN, 1), told("fr", FRENCH, 0.51, days=9)))
    assert near(store, "de") == []


def test_what_is_near_in_meaning_needs_no_names(store: Store) -> None:
    handler(store)(live(told("de", GERMAN, 1), told("other", ELSEWHERE, 0.56)))
    assert [(each.story, each.named) for each in near(store, "de")] == [("other", False)]


def test_the_same_source_does_not_report_twice(store: Store) -> None:
    again = told("fr", FRENCH, 0.51)
    again = again.model_copy(update={"item": again.item.model_copy(update={"source": "source-de"})})
    handler(store)(live(told("de", GERMAN, 1), again))
    assert near(store, "de") == []


def test_why_is_said(store: Store) -> None:
    from services.cli.stories import _near, _why

    handler(store)(live(told("de", GERMAN, 1), told("fr", FRENCH, 0.51)))
    (one,) = near(store, "de")
    with store.reading() as session:
        why = _why(session, one)
    assert "both name lumen" in explained(why)
    assert _near(one, why).startswith("same subject: title 0.51, text 0.51, both name")


def test_numbers_alone_prove_nothing(store: Store) -> None:
    german = ("Die Zahl stieg auf 4.217 und dann auf 9.311", "Es waren 4.217, jetzt sind es 9.311 und 88.120.")
    french = ("le nombre a atteint 4 217 puis 9 311", "il y en avait 4 217, il y en a 9 311 et 88 120.")
    handler(store)(live(told("de", german, 1), told("fr", french, 0.51)))
    assert near(store, "de") == []
