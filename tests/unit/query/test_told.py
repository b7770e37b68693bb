"""A query told in words, for people: on pages and in mails, in three languages."""

from random import Random

import pytest

from shared.items import LANGUAGES
from shared.query.told import sources_named, told_text
from tests.queries import a_query


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "alle Meldungen"),
        ("theme:energy", "Energie"),
        (
            "(theme:energy OR theme:health) sovereignty:>0.6",
            "Energie oder Gesundheit, über digitale Souveränität",
        ),
        ("theme:energy OR theme:health", "Energie oder Gesundheit"),
        ("Netz Speicher lang:de", "„Netz“ und „Speicher“, auf Deutsch"),
        ("(theme:ai lang:fr) OR theme:energy", "(Künstliche Intelligenz, auf Französisch) oder Energie"),
        ('"smart grid" -wind', "genau „smart grid“, ohne „wind“"),
        ('"smart grid"~5', "„smart grid“ nahe beieinander"),
        ("stor* title:netz", "„stor…“, „netz“ im Titel"),
        ("-lang:de -theme:ai", "nicht auf Deutsch, ohne Künstliche Intelligenz"),
        ("-(wind OR sonne)", "nicht („wind“ oder „sonne“)"),
        ("country:fr is:franco-german", "aus Frankreich, deutsch-französisch"),
        ("country:AT", "aus dem Land Österreich"),
        ("org:dfki", "DFKI wird genannt"),
        ("source:inria", "von Inria"),
        ("source:nobody", "von nobody"),
        ("sovereignty:>=0.9", "zu mindestens 90 % über digitale Souveränität"),
        ("sovereignty:<0.2", "höchstens zu 20 % über digitale Souveränität"),
        ("after:2026-01-31 before:2026-03", "ab 31. Januar 2026, vor dem 1. März 2026"),
    ],
)
def test_a_query_in_german(query: str, words: str) -> None:
    assert told_text(query, "de", names={"inria": "Inria"}) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "Energie oder Gesundheit, über digitale Souveränität, „Netz“ im Titel"),
        ("fr", "Énergie ou Santé, au sujet de la souveraineté numérique, «\u202fNetz\u202f» dans le titre"),
        ("en", "Energy or Health, about digital sovereignty, “Netz” in the title"),
    ],
)
def test_the_same_query_in_three_languages(language: str, words: str) -> None:
    assert told_text("(theme:energy OR theme:health) sovereignty:>0.6 title:Netz", language) == words


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_query_is_told_without_the_language_of_queries(language: str, dice: Random) -> None:
    for _ in range(300):
        query = a_query(dice)
        words = told_text(query, language)
        assert words
        for field in ("theme:", "lang:", "country:", "org:", "is:", "sovereignty:", "after:", " OR "):
            assert field not in words, (query, words)


def test_what_was_typed_can_be_made_harmless_and_the_rest_stays() -> None:
    words = told_text("www.example title:x", "fr", typed=lambda text: text.replace(".", ". "))
    assert words == "«\u202fwww. example\u202f», «\u202fx\u202f» dans le titre"


def test_a_query_that_cannot_be_read_any_more_is_quoted() -> None:
    assert told_text("theme:no-such-theme-at-all", "en") == "“theme:no-such-theme-at-all”"


def test_the_sources_that_a_query_names() -> None:
    assert sources_named("source:INRIA OR -(source:dfki Netz)") == {"INRIA", "inria", "dfki"}
