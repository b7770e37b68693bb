"""Folding and tokens."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.text.fold import fold, loosely, name_key, tokens


@pytest.mark.parametrize(
    "spellings",
    [
        ("Künstliche", "Kuenstliche", "KÜNSTLICHE", "Ku\u0308nstliche", "KUENSTLICHE"),
        ("Straße", "Strasse", "STRASSE"),
        ("œuvre", "oeuvre", "Œuvre"),
        ("énergie", "energie", "ÉNERGIE", "e\u0301nergie"),
        ("Ministerium", "Minis\u00adterium"),
        ("CO₂", "CO2"),
    ],
)
def test_spellings_of_a_word_fold_to_the_same(spellings: tuple[str, ...]) -> None:
    assert len({fold(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cœur", "cour"),
        ("neu", "neue"),
        ("quelle", "qulle"),
        ("KI", "IA"),
        ("Förderung", "Forderung"),
        ("drücken", "drucken"),
        ("zählen", "zahlen"),
    ],
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(("word", "folded"), [("ambigüe", "ambigue"), ("Emmaüs", "emmaus"), ("gültig", "gueltig")])
def test_a_vowel_that_is_said_apart_is_no_umlaut(word: str, folded: str) -> None:
    assert fold(word) == folded


def test_loosely_umlauts_are_as_those_write_them_who_have_none() -> None:
    assert len({loosely(spelling) for spelling in ("Förderung", "Foerderung", "forderung", "FÖRDERUNG")}) == 1


def test_what_fingerprints_in_the_store_were_made_of_never_changes() -> None:
    written = "Ärzte Aerzte Öl Bücher neue Bauer Poesie cœur œil Größe Straße Zürich Ørsted ﬁnden naïve İstanbul"
    kept = "arzte arzte ol bucher neue bauer posie coeur oeil grosse strasse zurich orsted finden naive istanbul"
    assert loosely(written) == kept


@given(some.text(alphabet=some.characters(categories=["L", "N", "Z", "P"]), max_size=50))
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("KI-Kompetenzzentren", ["ki", "kompetenzzentren"]),
        ("DFKI/Inria", ["dfki", "inria"]),
        ("Industrie 4.0, 3IA", ["industrie", "4p0", "3ia"]),
        ("4,0 und 4.0", ["4p0", "und", "4p0"]),
        ("C++, C# und C", ["cplusplus", "csharp", "und", "c"]),
        ("l'énergie d’IA", ["l", "energie", "d", "ia"]),
        ("Ende. Anfang", ["ende", "anfang"]),
        ("--- *** ???", []),
    ],
)
def test_a_text_is_cut_into_words(text: str, words: list[str]) -> None:
    assert [token.folded for token in tokens(text)] == words


@given(some.text(max_size=100))
def test_a_token_stands_in_the_text_where_it_says(text: str) -> None:
    assert all(text[token.start : token.end].startswith(token.surface) for token in tokens(text))


def test_articles_and_endings_that_an_apostrophe_cuts_off_are_marked() -> None:
    elided = [token.surface for token in tokens("L'énergie qu’Europe's j'ai DFKI's o'clock") if token.elided]
    assert elided == ["L", "qu", "s", "j", "ai", "s"]


def test_a_word_of_a_megabyte_is_cut() -> None:
    assert len(tokens("x" * 1_000_000)[0].folded) == 80


def test_the_names_of_a_body_meet_however_they_are_typed() -> None:
    assert name_key("  École  Polytechnique ") == name_key("ecole polytechnique")
    assert name_key("Universität Zürich") == name_key("Universitat Zurich") == name_key("Universitaet Zuerich")


def test_of_all_marks_of_unicode_none_is_left() -> None:
    marks = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.combining(chr(code))]
    assert len(marks) > 800
    for form in (fold, loosely):
        folded = unicodedata.normalize("NFD", form("".join(f"x{mark} ü" for mark in marks)))
        assert not [mark for mark in folded if unicodedata.combining(mark)]
