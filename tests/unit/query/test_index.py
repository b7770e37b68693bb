"""The index of subscriptions gives the same answer as asking each of them."""

from random import Random

import pytest

from shared.query.index import SubscriptionIndex
from shared.query.match import matches
from shared.query.syntax import parse
from tests.documents import a_document
from tests.queries import WORDS, a_query, a_text


def an_index(*queries: str) -> SubscriptionIndex[int]:
    return SubscriptionIndex((number, parse(query)) for number, query in enumerate(queries))


def test_only_subscriptions_that_may_match_are_candidates() -> None:
    index = an_index(
        "theme:energy wind", "theme:energy kohle", "theme:health", "-kohle", "wind OR kohle", '"wind an land"'
    )
    document = a_document("Wind auf See", themes=("energy",))
    assert sorted(index.candidates(document)) == [0, 3, 4]
    assert sorted(index.matching(document)) == [0, 3, 4]


def test_a_subscription_is_filed_under_its_rarest_requirement() -> None:
    index = an_index("lang:de country:DE theme:energy quantencomputer")
    assert index.candidates(a_document("Ein Zug", themes=("energy",))) == ()


def test_a_removed_subscription_is_gone_and_equal_queries_live_on() -> None:
    index = an_index("wind", "wind")
    index.remove(0)
    index.remove(7)
    assert index.matching(a_document("Wind")) == (1,)
    index.remove(1)
    assert index.matching(a_document("Wind")) == ()
    assert len(index) == 0


def test_a_changed_subscription_matches_by_its_new_query_alone() -> None:
    index = an_index("wind")
    index.add(0, parse("kohle"))
    assert index.matching(a_document("Wind")) == ()
    assert index.matching(a_document("Kohle")) == (0,)


@pytest.mark.parametrize("seed", range(8))
def test_the_index_misses_nobody_and_invents_nobody(seed: int) -> None:
    random = Random(seed)
    queries = [a_query(random) for _ in range(300)]
    index = an_index(*queries)
    for language in WORDS:
        title, body = a_text(random, language, 5), a_text(random, language, 30)
        document = a_document(title, body, language=language, themes=("energy",), organisations=("dfki",))
        expected = [number for number, query in enumerate(queries) if matches(parse(query), document)]
        assert sorted(index.matching(document)) == expected
        assert set(expected) <= set(index.candidates(document)) <= set(range(len(queries)))


@pytest.mark.parametrize("seed", range(4))
def test_an_index_that_is_changed_between_items_answers_as_a_fresh_one(seed: int) -> None:
    random = Random(seed)
    index: SubscriptionIndex[int] = SubscriptionIndex()
    held: dict[int, str] = {}
    for step in range(400):
        number = random.randrange(60)
        if random.random() < 0.4:
            index.remove(number)
            held.pop(number, None)
        else:
            held[number] = a_query(random)
            index.add(number, parse(held[number]))
        if step % 8 == 0:
            language = random.choice(list(WORDS))
            document = a_document(a_text(random, language, 5), a_text(random, language, 30), language=language)
            expected = [id_ for id_, query in sorted(held.items()) if matches(parse(query), document)]
            assert sorted(index.matching(document)) == expected
    for number in list(held):
        index.remove(number)
    assert len(index) == 0
    assert index.matching(a_document("Wind")) == ()


def test_what_is_joined_more_deeply_is_asked_behind_the_clause_that_it_needs() -> None:
    index = an_index(
        "(wind lang:de) OR (kohle -lang:fr)", "-(wind OR kohle)", "-(wind kohle)", "wind -(kohle OR sonne)"
    )
    assert sorted(index.matching(a_document("Wind"))) == [0, 2, 3]
    assert sorted(index.matching(a_document("Kohle", language="fr"))) == [2]
    assert sorted(index.matching(a_document("Zug"))) == [1, 2]
    assert index.candidates(a_document("Zug")) == index.matching(a_document("Zug"))
