"""A person's word on stories: it is carried out, it stays, and nothing mails or merges again because of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.archivist.write import handler
from shared.archive import story_corrections as said
from shared.archive.evidence import How
from shared.archive.search import item
from shared.archive.stories import items_of_story, root_story
from shared.archive.story_events import history
from shared.errors import BadInput, NotFound
from shared.items import ClassifiedItem
from shared.store import Store
from tests.archived import a_classified, later, live
from tests.fakes import FakeClock, a_store

RELEASE = "Deutschland und Frankreich bauen ein gemeinsames Rechenzentrum"
NOW = later(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = a_store(tmp_path, FakeClock(NOW))
    yield opened
    opened.close()


def repeated(item_id: str, **fields: str) -> ClassifiedItem:
    return a_classified(item_id, **{"source": f"source-{item_id}", "title": RELEASE, "text": item_id, **fields})


def arrive(store: Store, *items: ClassifiedItem) -> None:
    handle = handler(store)
    for each in items:
        handle(live(each))


def stories(store: Store) -> dict[str, str]:
    with store.reading() as session:
        found = {each: item(session, each) for each in "abcd"}
        return {each: shown.story for each, shown in found.items() if shown is not None}


def test_an_item_that_is_split_off_stays_out_whatever_comes(store: Store) -> None:
    arrive(store, *map(repeated, "abc"))
    with store.writing() as session:
        assert said.split(session, ["b"], NOW, note="anderes Labor") == "b"
    assert stories(store) == {"a": "a", "b": "b", "c": "a"}
    arrive(store, a_classified("b", source="source-b", title=RELEASE, text="neu", fetched_at=later(hours=2)))
    assert stories(store) == {"a": "a", "b": "b", "c": "a"}
    with store.reading() as session:
        last = history(session, ["b"])[-1]
    assert (last.evidence.how, last.other_id, last.note) == (How.SPLIT, "a", "anderes Labor")


def test_the_rest_of_a_story_whose_first_item_leaves_is_called_after_its_next(store: Store) -> None:
    arrive(store, *map(repeated, "abc"))
    with store.writing() as session:
        assert said.split(session, ["a"], NOW) == "a"
    assert stories(store) == {"a": "a", "b": "b", "c": "b"}


def test_what_comes_near_two_that_never_are_one_joins_the_newer_alone(store: Store) -> None:
    arrive(store, repeated("a"), repeated("b"))
    with store.writing() as session:
        said.never(session, "a", "b", NOW)
    arrive(store, repeated("c"))
    assert stories(store) == {"a": "a", "b": "b", "c": "b"}


def test_several_leave_together_and_old_names_lead_to_the_rest(store: Store) -> None:
    text = " ".join(f"wort{n}" for n in range(30))
    arrive(
        store, repeated("a"), repeated("b", title="Anderes", text=text), repeated("c", text=text), repeated("d")
    )
    assert set(stories(store).values()) == {"a"}
    with store.writing() as session:
        assert said.split(session, ["c", "d"], NOW) == "c"
    assert stories(store) == {"a": "a", "b": "a", "c": "c", "d": "c"}
    with store.reading() as session:
        assert (root_story(session, "b"), items_of_story(session, "b")) == ("a", ["a", "b"])


def test_two_stories_that_a_person_makes_one_are_one_and_their_names_lead_there(store: Store) -> None:
    arrive(store, repeated("a"), repeated("b", title="Etwas anderes"))
    with store.writing() as session:
        assert said.merge(session, "b", "a", NOW) == "a"
        assert said.merge(session, "a", "b", NOW) == "a"
    assert stories(store) == {"a": "a", "b": "a"}
    with store.reading() as session:
        assert [each.evidence.how for each in history(session, ["a"])] == [How.MERGED]


def test_a_later_word_takes_an_earlier_one_back(store: Store) -> None:
    arrive(store, repeated("a"), repeated("b"))
    with store.writing() as session:
        said.never(session, "a", "b", NOW)
        said.merge(session, "a", "b", NOW)
    arrive(store, repeated("c"))
    assert stories(store) == {"a": "a", "b": "a", "c": "a"}


def test_what_cannot_be_done_is_a_sentence(store: Store) -> None:
    arrive(store, repeated("a"), repeated("b", title="Etwas anderes"))
    with store.writing() as session:
        with pytest.raises(BadInput, match="nothing else"):
            said.split(session, ["a"], NOW)
        with pytest.raises(BadInput, match="not of one story"):
            said.split(session, ["a", "b"], NOW)
        with pytest.raises(NotFound, match="vigie search"):
            said.merge(session, "a", "x", NOW)
