"""What is of one subject is shown, and decides nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.archivist import subjects
from services.archivist.write import handler
from shared.archive.search import item
from shared.archive.subjects import related
from shared.items import ClassifiedItem
from shared.store import Store
from tests.archived import a_classified, a_verdict, later, live
from tests.fakes import FakeClock, a_store
from tests.meant import says


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = a_store(tmp_path, FakeClock(later(days=20)))
    yield opened
    opened.close()


def told(item_id: str, cosine: float, *, language: str = "fr", days: float = 0, way: int = 1) -> ClassifiedItem:
    verdict = a_verdict(language=language, organisations=())
    said = {"source": f"source-{item_id}", "title": f"Titre {item_id}", "published": later(days=days)}
    return says(a_classified(item_id, verdict=verdict, **said), cosine, way=way)


def near(store: Store, item_id: str) -> list[str]:
    with store.reading() as session:
        found = item(session, item_id)
        assert found is not None
        return [each.story for each in related(session, [item_id], found.story)]


def test_what_lies_near_within_thirty_days_is_of_one_subject_and_no_story(store: Store) -> None:
    first = told("a", 1, language="de")
    handler(store)(live(first, told("b", 0.56, days=9), told("c", 0.5, days=9, way=2), told("d", 0.6, days=40)))
    assert subjects.step(store) == 4
    assert subjects.step(store) == 0
    assert (near(store, "a"), near(store, "b"), near(store, "c")) == (["b"], ["a"], [])
    with store.reading() as session:
        assert {item(session, each).story for each in "abcd"} == set("abcd")  # type: ignore[union-attr]


def test_items_of_one_story_are_no_further_event(store: Store) -> None:
    handler(store)(live(told("a", 1, language="de"), told("b", 0.9)))
    subjects.step(store)
    assert near(store, "a") == near(store, "b") == []


def test_the_nearest_comes_first(store: Store) -> None:
    handler(store)(live(told("a", 0.58, days=5), told("b", 0.64, days=9, way=2)))
    handler(store)(live(told("c", 1, language="de", days=15)))
    subjects.step(store)
    assert near(store, "c") == ["b", "a"]
