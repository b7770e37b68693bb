"""Rows that are written many at a time: with their defaults and numbers, and known to the session afterwards."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, SQLModel, col, select

from shared.archive.tables import (
    CorrectionRow,
    ItemAnnouncementRow,
    ItemMeaningRow,
    RevisionRow,
    StoryArrivalRow,
    VerdictRow,
)
from shared.store import Store
from shared.store.new_rows import insert_rows, new_row, next_numbers
from shared.store.upsert import insert_all, upsert_all

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


def test_what_is_written_by_the_many_is_read_as_what_is_written_singly(store: Store) -> None:
    """Whatever the kind of a column: moments with their zones, days, JSON, nothing, bytes."""
    verdict = {
        "item_id": "a",
        "revision": 1,
        "classified_at": AT.astimezone(ZoneInfo("Europe/Berlin")),
        "language": "de",
        "sovereignty": 0.25,
        "franco_german": True,
        "themes": ["energy"],
        "scores": {"énergie": 0.5},
        "organisations": [],
        "reasons": [{"label": "energy", "passage": "“Netz”"}],
        "announced": [{"kind": "call", "day": None}],
    }
    vectors = {"item": 1, "content_hash": "h", "version": "v", "title": b"\x00\xff", "text": b""}
    announced = {"item": 1, "kind": "call", "day": None}
    tables: list[tuple[type[SQLModel], dict[str, Any], dict[str, Any]]] = [
        (VerdictRow, verdict, {"model": "m"}),
        (ItemMeaningRow, vectors, {}),
        (ItemAnnouncementRow, announced, {}),
        (ItemAnnouncementRow, announced | {"item": 3, "kind": "event", "day": AT.date()}, {}),
    ]
    for table, values, more in tables:
        own = "item" if "item" in values else "revision"
        with store.writing() as session:
            insert_all(session, table, [values | more])
            session.add(table(**values | more | {own: values[own] + 1}))
        with store.reading() as session:
            many, singly = (row.model_dump(exclude={own}) for row in session.exec(select(table)).all()[-2:])
        assert many == singly


def test_a_row_of_many_that_is_there_is_changed(store: Store) -> None:
    spoken = {"item_id": "a", "corrected_at": AT}
    with store.writing() as session:
        for value in (0.0, 1.0):
            said = [spoken | {"label": label, "value": value, "note": "n"} for label in ("energy", "health")]
            upsert_all(session, CorrectionRow, ("item_id", "label"), said)
        assert session.exec(select(col(CorrectionRow.value))).all() == [1.0, 1.0]
