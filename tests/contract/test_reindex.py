"""The archive is indexed again when the analyser became another one, and moves to the index by places."""

import pytest
from sqlalchemy import delete, text
from sqlmodel import Session, select

from shared.archive import reindex, removal, renewal, search_schema
from shared.archive.entries import Entries
from shared.archive.holdings import load
from shared.archive.search import search
from shared.archive.store import write
from shared.archive.tables import ItemRow, PlaceRow
from shared.items import Purpose
from shared.store import Store, memos
from shared.telemetry.notices import notices
from shared.text.analyse import VERSION
from tests.archived import NOON, a_classified, later
from tests.fakes import FakeClock

COUNT = reindex.BATCH + 20
OLD = ("foerderung", "dforder", "netz", "dnetz")  # as the analyser before made Förderung and Forderung one


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
        age(session)
        memos.write(session, renewal.MEMO, "2", store.now(session))
    return store


def age(session: Session) -> None:
    """Put every item back to where version 2 kept it."""
    held = load(session, session.exec(select(ItemRow.item_id)).all())
    search_schema.take_out(session, Entries(session, held.values()).standing)
    session.execute(delete(PlaceRow))
    sqlite = session.get_bind().dialect.name == "sqlite"
    names = search_schema.EARLIER_COLUMNS
    values = [f":{name}" if sqlite else f"to_tsvector('simple', :{name})" for name in names]
    columns = ", ".join(("rowid" if sqlite else "item", *names))
    insert = f"INSERT INTO item_search ({columns}) VALUES (:at, {', '.join(values)})"
    for one in held.values():
        session.execute(text(insert), {"at": one.row.id, **dict(zip(names, OLD, strict=True))})


def found(store: Store, query: str) -> int:
    with store.reading() as session:
        page = search(session, query)
    assert len(page.items) == page.count
    return page.count


def noted(store: Store) -> list[str]:
    with store.reading() as session:
        return [notice.key for notice in notices(session) if notice.key == reindex.NOTICE]


def test_a_new_archive_waits_for_nothing(store: Store) -> None:
    assert reindex.step(store) == 0
    with store.reading() as session:
        assert reindex.standing(session) == reindex.Standing(0, 0)
        memo = memos.read(session, renewal.MEMO)
    assert memo is not None
    assert memo.text == str(VERSION)


def test_the_newest_are_first_and_the_rest_answers_as_before_meanwhile(old: Store) -> None:
    assert (found(old, "Förderung"), found(old, "Forderung")) == (0, COUNT)
    assert reindex.step(old) == reindex.BATCH
    assert (found(old, "Förderung"), found(old, "Forderung")) == (reindex.BATCH, COUNT - reindex.BATCH)
    assert found(old, "theme:energy") == COUNT
    with old.reading() as session:
        assert reindex.standing(session).left == COUNT - reindex.BATCH
        newest = {item.item_id for item in search(session, "Förderung").items}
    assert newest == {f"i{number}" for number in range(COUNT - reindex.BATCH, COUNT)}
    assert noted(old) == [reindex.NOTICE]


def test_it_ends_and_is_not_done_twice(old: Store) -> None:
    assert [reindex.step(old) for _ in range(4)] == [reindex.BATCH, COUNT - reindex.BATCH, 0, 0]
    assert (found(old, "Förderung"), found(old, "Forderung"), found(old, "theme:energy")) == (COUNT, 0, COUNT)
    assert noted(old) == []
    with old.reading() as session:
        assert session.execute(text("SELECT count(*) FROM item_search")).scalar_one() == 0


def test_what_is_archived_meanwhile_is_not_touched(old: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """An item whose wording changes between reading it and writing its words has its new words already."""
    words_of = reindex.words_of
    done = []

    def meanwhile(*read):
        if not done:
            done.append(read)
            with old.writing() as session:
                event = a_classified(f"i{COUNT - 1}", title="Wolken", fetched_at=later(hours=1), at=later(hours=1))
                write(session, event, Purpose.LIVE, later(hours=1))
        return words_of(*read)

    monkeypatch.setattr(reindex, "words_of", meanwhile)
    while reindex.step(old):
        pass
    assert (found(old, "Wolken"), found(old, "Förderung")) == (1, COUNT - 1)


def test_what_waits_is_found_once_when_it_is_told_again_and_gone_when_it_is_removed(old: Store) -> None:
    with old.writing() as session:
        again = a_classified("i0", title="Wolken", fetched_at=later(hours=1), at=later(hours=1))
        write(session, again, Purpose.LIVE, later(hours=1))
        removal.remove(session, "i1", removal.Because.REQUEST, later(hours=1))
    assert (found(old, "Wolken"), found(old, "Forderung"), found(old, "")) == (1, COUNT - 2, COUNT - 1)
    while reindex.step(old):
        pass
    assert (found(old, "Wolken"), found(old, "Förderung"), found(old, "")) == (1, COUNT - 2, COUNT - 1)
