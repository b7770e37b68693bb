"""The analyser against its golden file, and what every analysis promises."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.query.match import matches, predicate
from shared.query.syntax import parse
from shared.query.tree import Word
from shared.text.analyse import analyse, exact_words
from tests.documents import a_document

GOLDEN = tomllib.loads((Path(__file__).parents[2] / "data" / "analyser.toml").read_text("utf-8"))


def pairs(kind: str) -> Iterator[tuple[str, str, str]]:
    for language, lists in GOLDEN.items():
        for line in lists[kind]:
            query, _, text = line.partition(" | ")
            yield language, query, text


def finds(language: str, query: str, text: str) -> bool:
    return matches(parse(query), a_document(text, language=language))


@pytest.mark.parametrize(("language", "query", "text"), [*pairs("finds")])
def test_a_query_finds_every_form_of_its_word(language: str, query: str, text: str) -> None:
    assert finds(language, query, text)


@pytest.mark.parametrize(("language", "query", "text"), [*pairs("misses")])
def test_a_query_does_not_find_another_word(language: str, query: str, text: str) -> None:
    assert not finds(language, query, text)


def test_the_golden_file_is_large() -> None:
    assert len([*pairs("finds"), *pairs("misses")]) >= 200


@given(some.text(max_size=200), some.sampled_from(["de", "fr", "en", "other", "??"]))
def test_terms_hold_nothing_that_a_search_engine_would_cut(text: str, language: str) -> None:
    analysed = analyse(text, language)
    assert all(re.fullmatch("[a-z0-9]+", word) for word in (*analysed.exact, *analysed.terms))


@given(some.text(max_size=40), some.sampled_from(["de", "fr", "en", "other"]))
def test_every_word_finds_itself_in_every_language(text: str, language: str) -> None:
    for word in filter(exact_words, text.split()):
        assert predicate(Word(word))(a_document(word, language=language))


def test_a_phrase_does_not_reach_from_the_words_into_the_parts_of_compounds() -> None:
    analysed = analyse("Neue Gesundheitsdaten", "de")
    assert "0" in analysed.terms
    assert analysed.terms.index("0") == 2
