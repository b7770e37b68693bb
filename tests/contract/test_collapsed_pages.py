"""Of each event a list shows one publication, however many pages it has, on both databases."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from sqlmodel import Session, col, update

from services.archivist.write import handler
from shared.archive.collapse import one_per_story
from shared.archive.found import Page
from shared.archive.places_found import Order
from shared.archive.relevance import by_relevance
from shared.archive.renewal import MEMO, is_through
from shared.archive.search import search
from shared.archive.stories import merge
from shared.archive.story_corrections import split
from shared.archive.tables import ItemRow
from shared.store import Store, memos
from tests.archived import NOON, a_classified, live

STORIES = {0: "0", 3: "0", 4: "4", 8: "0", 9: "4"}  # number of an item -> its story, where it is another's


@pytest.fixture
def archive(store: Store) -> Store:
    """Ten publications, the newest first: 0 3 8 tell one event, 4 9 another."""
    handler(store)(
        live(
            *(
                a_classified(str(n), title=f"Netz {n}", text=f"Das {n}.", published=NOON - timedelta(hours=n))
                for n in range(10)
            )
        )
    )
    with store.writing() as session:
        for item, story in STORIES.items():
            session.execute(update(ItemRow).where(col(ItemRow.item_id) == str(item)).values(story=story))
    return store


def pages(session: Session, query: str, order: Order | None) -> Iterator[Page]:
    after = None
    while True:
        if order is None:
            page = by_relevance(session, query, NOON, limit=3, after=after, collapse=True)
        else:
            page = search(session, query, limit=3, after=after, order=order, collapse=True)
        yield page
        if page.next is None:
            return
        after = page.next


def shown(store: Store, query: str, order: Order | None = "newest") -> Sequence[str]:
    with store.reading() as session:
        return [
            item.item_id for page in pages(session, query, order) for item in one_per_story(page.items, page.told)
        ]


@pytest.mark.parametrize(
    ("order", "expected"),
    [("newest", "0124567"), ("oldest", "9876521"), (None, "0124567")],
)
def test_an_event_of_an_earlier_page_does_not_come_again(
    archive: Store, order: Order | None, expected: str
) -> None:
    assert "".join(shown(archive, "Netz", order)) == expected


@pytest.mark.parametrize("order", ["newest", "oldest", None])
def test_a_page_is_full_while_there_is_more(archive: Store, order: Order | None) -> None:
    with archive.reading() as session:
        found = [len(list(one_per_story(each.items, each.told))) for each in pages(session, "Netz", order)]
    assert found == [3, 3, 1]


def test_what_the_query_does_not_find_hides_nothing(archive: Store) -> None:
    assert "".join(shown(archive, "Netz NOT title:0")) == "1234567"


def test_merged_stories_are_one(archive: Store) -> None:
    with archive.writing() as session:
        merge(session, {"0", "1"}, NOON)
    assert "1" not in shown(archive, "Netz")
    assert "".join(shown(archive, "Netz")) == "024567"


def test_also_while_the_archive_is_indexed_anew(archive: Store) -> None:
    with archive.writing() as session:
        memos.write(session, MEMO, "0", NOON)
    again = Store(archive.url)  # who found an archive indexed asks no more
    with again.reading() as session:
        assert not is_through(session)
    assert "".join(shown(again, "")) == "0124567"
    assert "".join(shown(again, "", "oldest")) == "9876521"
    again.close()


def test_a_story_is_found_by_the_id_of_any_of_its_publications(archive: Store) -> None:
    for named in ("0", "3", "8"):
        with archive.reading() as session:
            assert {one.item_id for one in search(session, f"story:{named}").items} == {"0", "3", "8"}
    with archive.writing() as session:
        merge(session, {"0", "4"}, NOON)
    for named in ("4", "9", "3"):
        with archive.reading() as session:
            assert {one.item_id for one in search(session, f"story:{named}").items} == {"0", "3", "4", "8", "9"}
    with archive.reading() as session:
        assert search(session, "story:nothing").items == ()


def test_a_publication_that_was_taken_out_names_its_own_story(archive: Store) -> None:
    with archive.writing() as session:
        split(session, ["0"], archive.now(session))
    with archive.reading() as session:
        assert {one.item_id for one in search(session, "story:0").items} == {"0"}
        assert {one.item_id for one in search(session, "story:8").items} == {"3", "8"}
