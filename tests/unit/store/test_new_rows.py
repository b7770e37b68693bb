"""Rows that are written many at a time: with their defaults and numbers, and known to the session afterwards."""

from datetime import UTC, datetime

from sqlmodel import Session, col, select

from shared.archive.tables import RevisionRow, StoryArrivalRow
from shared.store import Store
from shared.store.new_rows import insert_rows, new_row, next_numbers

AT = datetime(2026, 4, 1, tzinfo=UTC)


def arrive(session: Session, items: list[int]) -> list[StoryArrivalRow]:
    numbers = next_numbers(session, StoryArrivalRow, len(items))
    rows = [new_row(StoryArrivalRow, {"seq": seq, "item": item}) for seq, item in zip(numbers, items, strict=True)]
    insert_rows(session, rows)
    return rows


def test_numbers_go_on_and_none_comes_twice(store: Store) -> None:
    with store.writing() as session:
        first = [row.seq for row in arrive(session, [7, 8])]
        session.add(StoryArrivalRow(item=9))
        session.flush()
        for row in session.exec(select(StoryArrivalRow)).all():
            session.delete(row)
        session.flush()
        then = [row.seq for row in arrive(session, [1, 2])]
    assert (first, then) == ([1, 2], [4, 5])


def test_a_row_that_was_written_is_watched_from_then_on(store: Store) -> None:
    with store.writing() as session:
        (row,) = arrive(session, [7])
        row.item = 8
    with store.reading() as session:
        assert session.exec(select(col(StoryArrivalRow.item))).one() == 8


def test_a_row_is_changed_before_it_is_written_too(store: Store) -> None:
    words = {"title": "one", "summary": "", "text": ""}
    times = {"fetched_at": AT, "seen_at": AT}
    with store.writing() as session:
        row = new_row(RevisionRow, {"item_id": "a", "revision": 1, "content_hash": "h", **words, **times})
        row.title = "two"
        insert_rows(session, [row])
        assert session.get(RevisionRow, ("a", 1)) is row
    with store.reading() as session:
        assert session.exec(select(col(RevisionRow.title))).one() == "two"
