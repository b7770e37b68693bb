"""Terms hold at word boundaries, inside compounds or in capitals where the lexicon says so."""

import pytest

from services.classifier.lexicon.matcher import Matcher
from services.classifier.lexicon.terms import terms_of
from shared.errors import ConfigError
from shared.text.fold import tokens
from tests.unit.classifier.texts import verdict


def found(term: str, text: str) -> list[str]:
    """The stretches of `text` in which `term` was found."""
    matcher = Matcher(terms_of("label", {"strong": [term]}))
    words = tokens(text)
    return [text[words[hit.first].start : words[hit.last].end] for hit in matcher.find(text, words)]


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("ki", "Kinder in Kiel"),
        ("ia", "le réseau social de Claudia"),
        ("=AI", "he said it again"),
        ("=AI", "j'ai vu"),
        ("strom", "Maelstrom"),
        ("kraftwerk*", "Schwerkraftwerk"),
        ("fähren", "wir fahren"),
        ("start up", "Start. Up we go"),
        ("projet* de loi", "projet sans loi"),
    ],
)
def test_a_term_is_not_found_inside_another_word(term: str, text: str) -> None:
    assert found(term, text) == []


@pytest.mark.parametrize(
    ("term", "text", "stretch"),
    [
        ("ki", "Ein KI-Modell", "KI"),
        ("ia", "l'IA générative", "IA"),
        ("=AI", "AI-based", "AI"),
        ("*kraftwerk*", "zwei Gaskraftwerke", "Gaskraftwerke"),
        ("strom*", "Strompreise", "Strompreise"),
        ("*windpark", "der Offshorewindpark", "Offshorewindpark"),
        ("start up", "ein Start-up", "Start-up"),
        ("projet* de loi", "les projets de loi", "projets de loi"),
        ("künstliche intelligenz", "KUENSTLICHE INTELLIGENZ", "KUENSTLICHE INTELLIGENZ"),
        ("énergie", "ENERGIE", "ENERGIE"),
        ("industrie 4.0", "Industrie 4.0", "Industrie 4.0"),
        ("co2", "CO₂", "CO₂"),
    ],
)
def test_a_term_is_found_as_publishers_write_it(term: str, text: str, stretch: str) -> None:
    assert found(term, text) == [stretch]


def test_a_longer_term_does_not_hide_a_shorter_one() -> None:
    assert found("energie", "Energie Energie") == ["Energie", "Energie"]


@pytest.mark.parametrize("written", ["a*b", "*", "strom * preis"])
def test_a_star_may_stand_at_the_ends_of_a_word_only(written: str) -> None:
    with pytest.raises(ConfigError, match="ends only"):
        Matcher(terms_of("label", {"strong": [written]}))


def test_an_unknown_weight_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="strong"):
        list(terms_of("label", {"heavy": ["word"]}))


@pytest.mark.parametrize(
    ("language", "title", "body"),
    [
        ("de", "Kinder entdecken den Wald", "Die Kita in Kiel lädt ein. Kim und Kira freuen sich."),
        ("fr", "Un réseau social pour Claudia", "Le spécial du samedi, avec Maria et Sofia."),
        ("en", "He said it again", "The maid paid and waited in the rain."),
        ("fr", "J'ai vu la mer", "Je n'ai rien dit."),
    ],
)
def test_letters_inside_words_are_no_artificial_intelligence(language: str, title: str, body: str) -> None:
    assert verdict(title, body, language).scores["ai"] == 0.0
