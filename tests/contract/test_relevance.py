"""By relevance: titles before texts, rare words before common ones, new before old; alike on both stores."""

from datetime import timedelta

import pytest

from shared.archive.relevance import by_relevance, has_words
from shared.archive.store import write
from shared.items import Purpose
from shared.store import Store
from tests.archived import NOON, a_classified


def archived(store: Store, *items: tuple[str, str, str, int]) -> None:
    """Items of id, title, text and age in days."""
    with store.writing() as session:
        for item_id, title, text, age in items:
            item = a_classified(item_id, title=title, text=text, published=NOON - timedelta(days=age))
            write(session, item, Purpose.LIVE, NOON)


def ranked(store: Store, query: str, **among: int) -> list[str]:
    with store.reading() as session:
        return [item.item_id for item in by_relevance(session, query, NOON, limit=50, **among).items]


def test_a_word_in_the_title_counts_more_than_one_in_the_text(store: Store) -> None:
    archived(
        store, ("text", "Meldung", "Ein Netz.", 0), ("title", "Das Netz", "Mehr.", 5), ("old", "Netz", "", 900)
    )
    assert ranked(store, "Netz") == ["title", "old", "text"]


def test_of_what_says_the_same_the_newer_comes_first(store: Store) -> None:
    archived(store, ("a", "Netz", "", 400), ("b", "Netz", "", 3), ("c", "Netz", "", 90))
    assert ranked(store, "Netz") == ["b", "c", "a"]


def test_who_has_more_of_the_words_and_the_rarer_one_comes_first(store: Store) -> None:
    common = [(f"n{n}", "Meldung", "Ein Netz.", 1) for n in range(8)]
    archived(
        store, *common, ("rare", "Meldung", "Ein Elektrolyseur.", 1), ("both", "x", "Elektrolyseur am Netz", 9)
    )
    assert ranked(store, "Netz OR Elektrolyseur")[:2] == ["both", "rare"]


def test_pages_follow_one_another_and_show_each_item_once(store: Store) -> None:
    archived(store, *((f"n{n:02}", "Netz" if n % 3 else "Meldung", "Ein Netz.", n) for n in range(25)))
    seen: list[str] = []
    after = None
    with store.reading() as session:
        while True:
            page = by_relevance(session, "Netz", NOON, limit=10, after=after)
            seen += [item.item_id for item in page.items]
            assert page.count == 25
            if (after := page.next) is None:
                break
    assert len(seen) == len(set(seen)) == 25
    assert seen == ranked(store, "Netz")


def test_the_newest_hits_are_ranked_and_no_others(store: Store) -> None:
    archived(store, *((f"n{n}", "Netz", "", n) for n in range(6)))
    assert ranked(store, "Netz", among=4) == ["n0", "n1", "n2", "n3"]


@pytest.mark.parametrize(
    ("query", "words"), [("Netz", True), ("theme:ai -Netz", False), ("", False), ('"a b"', True)]
)
def test_only_words_can_be_ranked_by(query: str, *, words: bool) -> None:
    assert has_words(query) is words
