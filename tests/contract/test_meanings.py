"""What items say is kept beside them, in their present wording, on both stores."""

from base64 import b64encode
from datetime import timedelta

import pytest
from sqlmodel import select

from shared.archive.meanings import meanings
from shared.archive.removal import Because, remove
from shared.archive.store import count_current, current_items, write
from shared.archive.tables import ItemMeaningRow, ItemRow
from shared.items import ClassifiedItem, Meaning, Purpose
from shared.meaning.kept import Vectors
from shared.store import Store
from tests.archived import NOON, a_classified, a_verdict, later
from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


def meaning(fill: int, version: str = "v1") -> Meaning:
    vector = b64encode(bytes([fill]) * 512).decode()
    return Meaning(version=version, title=vector, text=vector)


def an_event(item_id: str = "one", said: Meaning | None = None, **fields) -> ClassifiedItem:
    return a_classified(item_id, **fields).model_copy(update={"meaning": said})


def put(store: Store, event: ClassifiedItem, purpose: Purpose = Purpose.LIVE) -> None:
    with store.writing() as session:
        write(session, event, purpose, max(NOON, event.classified_at))


def kept(store: Store, version: str = "v1") -> dict[str, bytes]:
    with store.reading() as session:
        numbers = {row.id: row.item_id for row in session.exec(select(ItemRow)).all() if row.id}
        return {numbers[n]: v.title[:1] for n, v in meanings(session, list(numbers), version).items()}


def test_an_item_comes_with_its_vectors_or_without(store: Store) -> None:
    put(store, an_event("one", meaning(1)))
    put(store, an_event("two"))
    assert kept(store) == {"one": b"\x01"}
    with store.reading() as session:
        (found,) = meanings(session, [1, 2, 3], "v1").values()
    assert found == Vectors.of(meaning(1))


def test_those_of_another_version_do_not_count(store: Store) -> None:
    put(store, an_event("one", meaning(1, "v0")))
    assert kept(store) == {}
    assert kept(store, "v0") == {"one": b"\x01"}


def test_other_words_have_other_vectors_and_without_them_none(store: Store) -> None:
    put(store, an_event("one", meaning(1)))
    put(store, an_event("one", meaning(2), title="Neu", fetched_at=later(hours=1), at=later(hours=1)))
    assert kept(store) == {"one": b"\x02"}
    put(store, an_event("one", None, title="Neuer", fetched_at=later(hours=2), at=later(hours=2)))
    assert kept(store) == {}


def test_vectors_of_an_earlier_wording_come_too_late(store: Store) -> None:
    put(store, an_event("one", meaning(1)))
    put(store, an_event("one", meaning(2), title="Neu", fetched_at=later(hours=1), at=later(hours=1)))
    put(store, an_event("one", meaning(3), at=later(hours=3)), Purpose.RECLASSIFY)
    assert kept(store) == {"one": b"\x02"}


def test_reclassification_brings_vectors_to_old_items_and_a_replay_changes_nothing(store: Store) -> None:
    put(store, an_event("one"))
    again = an_event("one", meaning(4), at=later(hours=1))
    for _ in range(2):
        put(store, again, Purpose.RECLASSIFY)
        assert kept(store) == {"one": b"\x04"}


def test_the_encoder_damaged_at_a_replay_takes_no_vectors_away(store: Store) -> None:
    put(store, an_event("one", meaning(1)))
    put(store, an_event("one", None, at=NOON + timedelta(hours=1)), Purpose.RECLASSIFY)
    assert kept(store) == {"one": b"\x01"}


def test_items_without_vectors_are_outdated_and_so_are_those_of_another_model(store: Store) -> None:
    put(store, an_event("new", meaning(1)))
    put(store, an_event("bare"))
    put(store, an_event("old", meaning(1, "v0")))
    put(store, an_event("other", meaning(1), verdict=a_verdict(model="hf:x")))
    with store.reading() as session:
        asked = {"unless_model": "lexicon-1", "unless_meaning": "v1"}
        assert [item.item_id for item in current_items(session, **asked)] == ["bare", "old", "other"]
        assert count_current(session, **asked) == 3
        assert count_current(session, unless_model="lexicon-1") == 1


def test_a_removed_item_takes_its_vectors_along(store: Store) -> None:
    put(store, an_event("one", meaning(1)))
    with store.writing() as session:
        remove(session, "one", Because.REQUEST, NOON)
    with store.reading() as session:
        assert session.exec(select(ItemMeaningRow)).all() == []
