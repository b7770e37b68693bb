"""The newest stand first, however items arrive; every item has a place of its own."""

from sqlmodel import select

from shared.archive.places import allot, slot
from shared.archive.search import search
from shared.archive.store import write
from shared.archive.tables import PlaceRow
from shared.items import Purpose
from shared.store import Store
from tests.archived import NOON, a_classified, later


def put(store: Store, *events) -> None:
    with store.writing() as session:
        for event in events:
            write(session, event, Purpose.BACKFILL, store.now(session))


def found(store: Store, query: str, **how) -> list[str]:
    with store.reading() as session:
        return [item.item_id for item in search(session, query, **how).items]


def test_what_comes_late_stands_where_it_was_published(store: Store) -> None:
    put(store, *(a_classified(str(n), published=later(hours=n)) for n in (5, 1, 9, 3)))
    assert found(store, "netz") == found(store, "theme:energy") == found(store, "") == ["9", "5", "3", "1"]
    assert found(store, "netz", order="oldest", limit=2) == ["1", "3"]
    put(store, a_classified("1", published=later(hours=7), fetched_at=later(hours=20), at=later(hours=20)))
    assert found(store, "netz") == ["9", "1", "5", "3"]


def test_items_of_one_moment_stand_in_the_order_of_their_arrival(store: Store) -> None:
    put(store, *(a_classified(str(n), published=NOON) for n in range(60)))
    assert found(store, "netz") == [str(n) for n in reversed(range(60))]
    with store.reading() as session:
        places = session.exec(select(PlaceRow.place)).all()
        assert (len(places), min(places)) == (60, slot(NOON))
        assert list(allot(session, [slot(NOON), slot(NOON), slot(NOON) + 400])) == [
            slot(NOON) + 60, slot(NOON) + 61, slot(NOON) + 400,
        ]  # fmt: skip


def test_pages_follow_one_another_without_a_gap(store: Store) -> None:
    put(store, *(a_classified(f"{n:02}", published=later(minutes=n % 5)) for n in range(25)))
    for query in ("netz", "theme:energy -lang:fr", "", "sovereignty:>0.1"):
        with store.reading() as session:
            whole, seen, after = [item.item_id for item in search(session, query).items], [], None
            while True:
                page = search(session, query, limit=4, after=after)
                seen += [item.item_id for item in page.items]
                if (after := page.next) is None:
                    break
        assert seen == whole
        assert len(whole) == 25
