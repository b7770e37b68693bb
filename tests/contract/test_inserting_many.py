"""Rows inserted many at a time are the rows that were given, on both databases."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import select

from shared.archive.rows import new_item
from shared.archive.tables import ItemAnnouncementRow, ItemMeaningRow, ItemRow, StoryEventRow
from shared.store import Store
from shared.store.new_rows import insert_rows, next_numbers
from shared.store.upsert import insert_all, upsert_all
from tests.archived import a_classified

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12) | st.sampled_from(
    ("NULL", '"', "{}", "{a,b}", "\\", "'", '\\"', "", " ", "null")
)
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "item_id": TEXTS,
            "other_id": TEXTS,
            "story": TEXTS,
            "how": TEXTS,
            "note": TEXTS,
            "evidence": st.dictionaries(TEXTS, st.none() | st.integers(-9, 9) | TEXTS, max_size=3),
            "at": st.just(NOW),
        }
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(events=EVENTS)
def test_whatever_the_values_are(store: Store, events: list[dict[str, Any]]) -> None:
    with store.writing() as session:
        session.execute(delete(StoryEventRow))
        insert_all(session, StoryEventRow, events)
    with store.reading() as session:
        rows = session.exec(select(StoryEventRow).order_by(StoryEventRow.id)).all()  # type: ignore[arg-type]
        assert [row.model_dump(exclude={"id"}) for row in rows] == events


def test_some_without_a_value(store: Store) -> None:
    rows = [{"item": 1, "kind": "call", "day": None}, {"item": 2, "kind": "event", "day": date(2026, 5, 4)}]
    with store.writing() as session:
        insert_all(session, ItemAnnouncementRow, rows)
        insert_all(session, ItemAnnouncementRow, [])
    with store.reading() as session:
        assert [row.model_dump() for row in session.exec(select(ItemAnnouncementRow)).all()] == rows


def test_in_place_of_those_that_are_there(store: Store) -> None:
    def meant(item: int, title: bytes) -> dict[str, Any]:
        return {"item": item, "content_hash": "a", "version": "v", "title": title, "text": b""}

    with store.writing() as session:
        upsert_all(session, ItemMeaningRow, ("item",), [meant(1, b"old")])
        upsert_all(session, ItemMeaningRow, ("item",), [meant(1, bytes(range(256))), meant(2, b"\\")])
    with store.reading() as session:
        found = {row.item: row.title for row in session.exec(select(ItemMeaningRow)).all()}
    assert found == {1: bytes(range(256)), 2: b"\\"}


def test_new_rows_are_numbered_in_their_order(store: Store) -> None:
    rows = [new_item(a_classified(f"{n}"), NOW, UTC, in_bulk=False) for n in range(5)]
    with store.writing() as session:
        for row, number in zip(rows, next_numbers(session, ItemRow, len(rows)), strict=True):
            row.id = number
        insert_rows(session, rows)
    with store.reading() as session:
        found = session.exec(select(ItemRow).order_by(ItemRow.id)).all()  # type: ignore[arg-type]
        assert [row.model_dump() for row in found] == [row.model_dump() for row in rows]
