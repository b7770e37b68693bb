"""The archive is indexed again when the analyser became another one."""

import pytest
from sqlmodel import select

from shared.archive import reindex, search_schema
from shared.archive.search import search
from shared.archive.store import write
from shared.archive.tables import ItemRow
from shared.archive.words import Words
from shared.items import Purpose
from shared.store import Store, memos
from shared.telemetry.notices import notices
from shared.text.analyse import VERSION
from tests.archived import NOON, a_classified, later
from tests.fakes import FakeClock

COUNT = reindex.BATCH + 20
OLD = Words("foerderung", "dforder", "netz", "dnetz")  # as the analyser before made Förderung and Forderung one


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def old(store: Store) -> Store:
    """An archive that an older version indexed."""
    with store.writing() as session:
        for number in range(COUNT):
            event = a_classified(f"i{number}", title="Förderung", published=later(minutes=number))
            write(session, event, Purpose.LIVE, store.now(session))
        numbers = session.exec(select(ItemRow.id)).all()
        search_schema.index(session, {number: OLD for number in numbers if number}, replaced=tuple(numbers))
    return store


def found(store: Store, query: str) -> int:
    with store.reading() as session:
        return search(session, query).count


def noted(store: Store) -> list[str]:
    with store.reading() as session:
        return [notice.key for notice in notices(session) if notice.key == reindex.NOTICE]


def test_a_new_archive_waits_for_nothing(store: Store) -> None:
    assert reindex.step(store) == 0
    with store.reading() as session:
        assert reindex.standing(session) == reindex.Standing(0, 0)
        memo = memos.read(session, reindex.MEMO)
    assert memo is not None
    assert memo.text == str(VERSION)


def test_the_newest_are_first_and_the_rest_answers_as_before_meanwhile(old: Store) -> None:
    assert (found(old, "Förderung"), found(old, "Forderung")) == (0, COUNT)
    assert reindex.step(old) == reindex.BATCH
    assert (found(old, "Förderung"), found(old, "Forderung")) == (reindex.BATCH, COUNT - reindex.BATCH)
    with old.reading() as session:
        assert reindex.standing(session).left == COUNT - reindex.BATCH
        newest = {item.item_id for item in search(session, "Förderung").items}
    assert newest == {f"i{number}" for number in range(COUNT - reindex.BATCH, COUNT)}
    assert noted(old) == [reindex.NOTICE]


def test_it_ends_and_is_not_done_twice(old: Store) -> None:
    assert [reindex.step(old) for _ in range(4)] == [reindex.BATCH, COUNT - reindex.BATCH, 0, 0]
    assert (found(old, "Förderung"), found(old, "Forderung")) == (COUNT, 0)
    assert noted(old) == []


def test_what_is_archived_meanwhile_is_not_touched(old: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """An item whose wording changes between reading it and writing its words has its new words already."""
    words_of = reindex.words_of

    def meanwhile(item, language):
        if item.item_id == f"i{COUNT - 1}" and item.title == "Förderung":
            with old.writing() as session:
                event = a_classified(item.item_id, title="Wolken", fetched_at=later(hours=1), at=later(hours=1))
                write(session, event, Purpose.LIVE, later(hours=1))
        return words_of(item, language)

    monkeypatch.setattr(reindex, "words_of", meanwhile)
    while reindex.step(old):
        pass
    assert (found(old, "Wolken"), found(old, "Förderung")) == (1, COUNT - 1)
