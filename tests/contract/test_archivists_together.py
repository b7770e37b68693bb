"""Several archivists at once, on both databases: no item is lost, and one event is one story."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlmodel import select

from services.archivist.incoming import incoming
from services.archivist.write import handler, take_over
from shared.archive import locks
from shared.archive.corrections import correct
from shared.archive.stories import root_story
from shared.archive.tables import ItemRow
from shared.items import ClassifiedItem
from shared.store import Store
from tests.archived import a_classified, a_verdict, later, live
from tests.fakes import FakeClock
from tests.meant import says

ARCHIVISTS = 3


def version(event: int, language: str) -> ClassifiedItem:
    """A publication of one of many events that have nothing in common."""
    item = a_classified(
        f"{event}-{language}",
        source=language,
        title=f"{language} {event}",
        text=f"Text {language} {event}",
        verdict=a_verdict(language=language, organisations=(), reasons=()),
    )
    return says(item, 0.05, way=event + 1)


def at_once(*work: Callable[[], object]) -> None:
    """All of it, begun at the same moment."""
    ready = Barrier(len(work))

    def begin(one: Callable[[], object]) -> None:
        ready.wait()
        one()

    with ThreadPoolExecutor(len(work)) as pool:
        for done in [pool.submit(begin, one) for one in work]:
            done.result()


@pytest.fixture
def stores(store: Store) -> Iterator[Sequence[Store]]:
    # a day after what they take in: whoever comes last reads what is of these days, and of no others
    opened = [Store(store.url, FakeClock(later(days=1))) for _ in range(ARCHIVISTS)]
    yield opened
    for each in opened:
        each.close()


def test_an_event_that_three_archivists_take_in_at_once_is_one_story(stores: Sequence[Store]) -> None:
    languages = dict(zip(stores, ("de", "fr", "en"), strict=True))

    def take_in(store: Store) -> None:
        handle = handler(store)
        for start in range(0, 40, 5):
            handle(live(*(version(event, languages[store]) for event in range(start, start + 5))))

    at_once(*(lambda store=store: take_in(store) for store in stores))  # type: ignore[misc]
    with stores[0].reading() as session:
        rows = session.exec(select(ItemRow)).all()
        stories = Counter((root_story(session, row.story), row.item_id.split("-")[0]) for row in rows)
    assert len(rows) == 120
    assert set(stories.values()) == {3}


def test_an_archivist_that_begins_when_another_is_done_finds_the_same_stories(stores: Sequence[Store]) -> None:
    for store, language in zip(stores, ("de", "fr", "en"), strict=True):
        handler(store)(live(*(version(event, language) for event in range(5))))
    with stores[0].reading() as session:
        assert len({root_story(session, row.story) for row in session.exec(select(ItemRow)).all()}) == 5


def test_the_same_items_at_two_archivists_at_once_are_taken_in_once(stores: Sequence[Store]) -> None:
    batch = [version(event, "de") for event in range(20)]
    at_once(
        lambda: handler(stores[0])(live(*batch)),
        lambda: handler(stores[1])(live(*reversed(batch))),
        lambda: handler(stores[2])(live(*batch)),
    )
    with stores[0].reading() as session:
        assert len(session.exec(select(ItemRow)).all()) == 20


def test_who_corrects_waits_for_who_archives_and_the_other_way_round(stores: Sequence[Store]) -> None:
    handler(stores[0])(live(version(1, "de")))

    def person() -> None:
        with stores[1].writing() as session:
            locks.alone(stores[1], session)
            correct(session, "1-de", {"energy": 0.0}, stores[1].now(session))

    newer = [version(1, "de").model_copy(update={"item": version(n, "de").item}) for n in range(1, 15)]
    at_once(person, lambda: [handler(stores[0])(live(each)) for each in newer], person)
    with stores[0].reading() as session:
        assert "energy" not in session.exec(select(ItemRow.themes).where(ItemRow.item_id == "1-de")).one()


def test_one_writes_its_items_while_another_has_written_and_not_yet_grouped(stores: Sequence[Store]) -> None:
    """On a server. An embedded database has one writer at a time."""
    one, other = stores[:2]
    if one.sqlite:
        pytest.skip("one writer at a time")
    with one.writing() as session:
        locks.beside(one, session, {"1-de"})
        now, batch = one.now(session), [incoming(record) for record in live(version(1, "de"))]

        def grouped() -> None:
            handler(other)(live(version(2, "de")))  # would wait for ever if everything were done in turn
            locks.in_turn(one, session)

        take_over(session, batch, now, in_turn=grouped)
    with one.reading() as session:
        assert len(session.exec(select(ItemRow)).all()) == 2
