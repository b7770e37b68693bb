"""A term is found by its names in other languages, the same on both stores; an alert finds what it was told."""

import pytest

from services.portal.choices import Choices
from shared.archive.relevance import by_relevance
from shared.archive.search import count, search
from shared.archive.store import archived_item, write
from shared.items import Purpose
from shared.query.expansion import expanded
from shared.query.index import SubscriptionIndex
from shared.query.match import document_of, matches
from shared.query.syntax import parse
from shared.store import Store
from tests.archived import NOON, a_classified, a_verdict, later

ITEMS = {
    "de": ("de", "Neue Regeln zur Datensouveränität", "Worum es geht."),
    "fr": ("fr", "Une meilleure souveraineté des données", "Ce que dit le texte."),
    "en": ("en", "What is new", "Sovereignty over data, and more of it."),
    "fr-far": ("fr", "La souveraineté de l’Europe", "Des centres pour les données."),
    "hydrogen": ("de", "Grüner Wasserstoff", "Ein Elektrolyseur."),
}


@pytest.fixture
def filled(store: Store) -> Store:
    with store.writing() as session:
        for item_id, (language, title, text) in ITEMS.items():
            item = a_classified(item_id, title=title, text=text, summary="", verdict=a_verdict(language=language))
            write(session, item, Purpose.LIVE, NOON)
    return store


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("data sovereignty", {"de", "fr", "en"}),
        ('"souveraineté des données"', {"de", "fr"}),
        ("Datensouveränitäten", {"de", "fr"}),
        ("title:(data sovereignty)", {"de", "fr"}),
        ("data sovereignty expand:no", {"en"}),
        ("hydrogène OR theme:health", {"hydrogen"}),
        ("souveraineté -données", set()),
    ],
)
def test_a_search_finds_a_term_by_its_other_names(filled: Store, query: str, found: set[str]) -> None:
    asked = expanded(query)
    with filled.reading() as session:
        assert {item.item_id for item in search(session, asked).items} == found
        assert {item.item_id for item in by_relevance(session, asked, NOON, limit=10).items} == found
        assert count(session, asked) == len(found)
        items = [archived_item(session, item_id) for item_id in ITEMS]
    assert {item.item_id for item in items if item and matches(parse(asked), document_of(item))} == found


def test_who_subscribes_to_a_search_gets_its_own_words(filled: Store) -> None:
    wanted = Choices(q="data sovereignty")
    assert wanted.query() == "data sovereignty"
    assert wanted.asked() != wanted.query()
    index = SubscriptionIndex([("alert", parse(wanted.query()))])
    with filled.reading() as session:
        items = [archived_item(session, item_id) for item_id in ITEMS]
    told = [item.item_id for item in items if item and index.matching(document_of(item))]
    assert told == ["en"]


def test_no_name_of_a_thing_counts_more_than_another(store: Store) -> None:
    """What has it in the title comes first, in any language; then the newer one."""
    titles = {
        "a": ("fr", "La souveraineté des données"),
        "b": ("en", "Data sovereignty"),
        "c": ("en", "Sovereignty"),
    }
    with store.writing() as session:
        for hours, (item_id, (language, title)) in enumerate(titles.items()):
            verdict, text = a_verdict(language=language), "More on data." if item_id == "c" else ""
            item = a_classified(item_id, title=title, text=text, verdict=verdict, published=later(hours=hours))
            write(session, item, Purpose.LIVE, NOON)
    with store.reading() as session:
        found = by_relevance(session, expanded("data sovereignty"), later(hours=9), limit=9)
    assert [item.item_id for item in found.items] == ["b", "a", "c"]
