"""The lead of a text in sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.meaning.sentences import MOST, placed, sentences


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Das Labor öffnet am 12. November in Saarbrücken. Es forscht an Sprachmodellen.",
            ["Das Labor öffnet am 12. November in Saarbrücken.", "Es forscht an Sprachmodellen."],
        ),
        (
            "Prof. Dr. Meier leitet das Labor seit Jahren. „Wir freuen uns“, sagt sie.",
            ["Prof. Dr. Meier leitet das Labor seit Jahren.", "„Wir freuen uns“, sagt sie."],
        ),
        (
            "M. Dupont dirige le laboratoire à Nancy. « Une chance ! » Les travaux commencent en mai.",
            ["M. Dupont dirige le laboratoire à Nancy.", "« Une chance ! » Les travaux commencent en mai."],
        ),
        (
            "Version 4.0 of the system is out today. It costs 3.5 million euros.",
            ["Version 4.0 of the system is out today.", "It costs 3.5 million euros."],
        ),
        ("Erste Zeile ohne Punkt am Ende\nZweite Zeile", ["Erste Zeile ohne Punkt am Ende", "Zweite Zeile"]),
        ("", []),
        (" \n … \n", []),
    ],
)
def test_a_text_is_cut_into_its_sentences(text: str, found: list[str]) -> None:
    assert sentences(text) == found


@given(some.text(max_size=3_000))
def test_sentences_are_few_and_none_is_empty(text: str) -> None:
    found = sentences(text)
    assert len(found) <= MOST
    assert all(any(map(str.isalnum, sentence)) for sentence in found)


@given(some.text("aB .!?\n1«»é", max_size=300))
def test_each_sentence_stands_where_it_is_said_to_stand(text: str) -> None:
    end = 0
    for sentence in placed(text):
        assert end <= sentence.start < sentence.end <= len(text)
        assert text[sentence.start : sentence.end].lstrip().startswith(sentence.words[0])
        end = sentence.end
