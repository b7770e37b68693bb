"""A query that lost its words or a value finds nothing anywhere on the portal, and the same is said of it."""

from collections.abc import Iterator, Mapping
from urllib.parse import quote

import pytest

from tests.unit.portal.conftest import furnished
from tests.unit.portal.site import LANGUAGES, Portal

FORMS = ("search", "search.atom", "search.jsonfeed", "search.csv", "search.ics", "search.about.json")
OTHERS = ("trends", "trends.csv", "watched?since=2026-02-01")
SAID: Mapping[str, Mapping[str, str]] = {
    "theme:(": {
        "de": "Dieses Feld hat keinen Wert",
        "fr": "Ce champ n’a pas de valeur",
        "en": "This field has no value",
    },
    "Netz theme:": {
        "de": "Dieses Feld hat keinen Wert",
        "fr": "Ce champ n’a pas de valeur",
        "en": "This field has no value",
    },
    '"': {"de": "ist nicht geschlossen", "fr": "n’est pas fermé", "en": "is not closed"},
    "AND": {"de": "Auf einer Seite", "fr": "rien d’un côté", "en": "on one of its sides"},
    "*": {"de": "Eine leere Anfrage findet alles", "fr": "requête vide trouve tout", "en": "an empty query finds"},
}


@pytest.fixture(scope="module")
def read_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    yield from furnished(tmp_path_factory.mktemp("unfinished"))


@pytest.mark.parametrize("query", SAID)
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_feeds_and_exports_refuse_it_in_the_words_of_their_reader(
    read_only: Portal, language: str, query: str
) -> None:
    for form in (*FORMS, *OTHERS):
        answer = read_only.get(f"/{language}/{form}{'&' if '?' in form else '?'}q={quote(query)}")
        assert (answer.status_code, SAID[query][language] in answer.text) == (400, True), form
        assert "KI steuert das Netz" not in answer.text


@pytest.mark.parametrize("query", SAID)
def test_filters_make_no_whole_query_of_it(read_only: Portal, query: str) -> None:
    assert read_only.get(f"/de/search.atom?theme=energy&q={quote(query)}").status_code == 400


@pytest.mark.parametrize("query", ["*", "theme:", "()"])
def test_nobody_subscribes_to_everything_by_signs(portal: Portal, query: str) -> None:
    form = {"q": query, "every": "daily", "language": "de", "address": "a@example.org", "action": "subscribe"}
    assert portal.post("/de/subscribe", form).status_code == 400
    assert portal.subscriptions() == []
