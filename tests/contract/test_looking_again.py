"""An archivist that held its turn back for long finds the same stories, on both databases."""

from collections.abc import Mapping

from sqlmodel import select

from services.archivist.incoming import incoming
from services.archivist.write import handler, take_over
from shared.archive import arrivals, locks
from shared.archive.stories import root_story
from shared.archive.tables import ItemRow, StoryEventRow, StoryKeyRow
from shared.items import ClassifiedItem
from shared.store import Store
from tests.archived import a_classified, live

TITLE = "Gemeinsames Labor für Stromnetze eröffnet heute in Saarbrücken"


def the_same(item_id: str) -> ClassifiedItem:
    return a_classified(item_id, source=item_id, title=TITLE)


def stories(store: Store) -> Mapping[str, str]:
    with store.reading() as session:
        return {row.item_id: root_story(session, row.story) for row in session.exec(select(ItemRow)).all()}


def test_who_waited_so_long_that_all_is_new_to_it_meets_the_others_and_not_itself(store: Store) -> None:
    other = {"title": "Ein Rechenzentrum für die Forschung entsteht in Grenoble"}
    handler(store)(live(a_classified("known", source="known", **other)))
    batch = [incoming(record) for record in live(the_same("first"), the_same("second"))]
    batch += [incoming(record) for record in live(a_classified("third", source="third", **other))]
    with store.writing() as session:
        locks.beside(store, session, {"first", "second", "third"})

        def much_arrives() -> None:
            locks.in_turn(store, session)
            arrivals.remember(session, range(10_000, 10_000 + arrivals.KEPT))

        take_over(session, batch, store.now(session), in_turn=much_arrives)
    assert stories(store) == {"first": "first", "second": "first", "known": "known", "third": "known"}
    with store.reading() as session:
        history = session.exec(select(StoryEventRow)).all()
    assert [(one.item_id, one.other_id) for one in history] == [("second", "first"), ("third", "known")]


def test_who_waited_finds_what_arrived_meanwhile(store: Store) -> None:
    batch = [incoming(record) for record in live(the_same("second"))]
    here = Store(store.url)

    def another_comes_first() -> None:
        if not store.sqlite:
            handler(here)(live(the_same("first")))
        locks.in_turn(store, session)

    if store.sqlite:  # one writer at a time
        handler(here)(live(the_same("first")))
    with store.writing() as session:
        locks.beside(store, session, {"second"})
        take_over(session, batch, store.now(session), in_turn=another_comes_first)
    here.close()
    assert stories(store) == {"first": "first", "second": "first"}


def test_keys_of_an_item_that_says_something_else_now_take_the_place_of_the_old(store: Store) -> None:
    handle = handler(store)
    handle(live(the_same("one")))
    before = _keys(store)
    later = the_same("one").item.fetched_at.replace(hour=20)
    handle(live(a_classified("one", source="one", title=f"{TITLE} doch nicht", fetched_at=later)))
    assert before
    assert _keys(store)
    assert not _keys(store) & before


def _keys(store: Store) -> set[int]:
    with store.reading() as session:
        return set(session.exec(select(StoryKeyRow.key)).all())
