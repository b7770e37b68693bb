"""Telling languages, alone and with what the source says."""

import json
from pathlib import Path

import pytest

from shared.text.language import LanguageIdentifier, identify, rest

LABELLED = Path(__file__).parents[4] / "shared" / "labels" / "written-468.jsonl"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Neue Rechenzentren für die Forschung in Deutschland", "de"),
        ("La souveraineté numérique au cœur de la stratégie", "fr"),
        ("New data centres for research in the north of Europe", "en"),
        ("KI in der Pflege", "de"),
        ("L'IA au service de la santé", "fr"),
        ("Il governo investe nella ricerca sulla salute", "other"),
        ("De regering investeert in het onderzoek naar energie", "other"),
        ("Rząd inwestuje w sztuczną inteligencję", "other"),
        ("Наука и жизнь", "other"),
        ("人工智能", "other"),
    ],
)
def test_a_text_tells_its_language(text: str, language: str) -> None:
    assert identify(text) == language


@pytest.mark.parametrize("text", ["", "2026", "DFKI", "Quantum computing", "Inria"])
def test_a_source_with_one_language_decides_short_texts(text: str) -> None:
    assert identify(text, languages=("de",)) == "de"
    assert identify(text, languages=("fr",), declared="en-US") == "fr"


def test_what_is_declared_decides_where_the_source_does_not() -> None:
    assert identify("2026", declared="fr-FR", languages=("de", "fr")) == "fr"


def test_clear_words_win_over_source_and_declaration() -> None:
    text = "The future of energy in Europe and the role of hydrogen: what we know about the plans of the Union"
    assert identify(text, declared="de", languages=("de",)) == "en"


def test_no_letters_and_no_declaration_is_other() -> None:
    assert identify("12.03.2026") == "other"


def test_a_declaration_that_is_no_language_changes_nothing() -> None:
    assert identify("KI in der Pflege", declared="x-default", languages=("??",)) == "de"


@pytest.mark.skipif(not LABELLED.exists(), reason="the labelled titles are not in this checkout")
def test_four_words_of_a_title_are_mostly_enough() -> None:
    identifier = LanguageIdentifier()
    items = [json.loads(line) for line in LABELLED.read_text("utf-8").splitlines()]
    right = sum(identifier.identify(" ".join(item["title"].split()[:4])) == item["lang"] for item in items)
    assert right / len(items) > 0.9


@pytest.mark.parametrize("text", ["Wasserstoff gemeinsam", "hydrogène ensemble", "hydrogen together"])
def test_who_has_rested_says_the_same(text: str) -> None:
    before = identify(text)
    rest()
    rest()
    assert identify(text) == before
