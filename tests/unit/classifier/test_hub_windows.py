"""How a text is cut into what a model can read at once."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.classifier.hub.windows import LONGEST, Window, sentences, windows


def words(texts: Sequence[str]) -> Sequence[int]:
    """A tokenizer that takes a word for a token."""
    return [len(text.split()) for text in texts]


def cut(title: str, body: str, room: int = 20, most: int = 8) -> Sequence[Window]:
    return windows(title, body, words, room, most)


def split(text: str) -> Sequence[str]:
    return [text[start:end] for start, end in sentences(text)]


def test_sentences_end_at_marks_and_at_line_ends() -> None:
    assert split("Das ist ein Satz. Hier noch einer!\nEine Zeile\n\n Ein Absatz ") == [
        "Das ist ein Satz.",
        "Hier noch einer!",
        "Eine Zeile",
        "Ein Absatz",
    ]
    assert split('Sie sagte: "Das ist gut." Dann ging sie.') == ['Sie sagte: "Das ist gut."', "Dann ging sie."]


def test_what_is_no_sentence_is_cut_at_white_space() -> None:
    pieces = split("Wort " * 500)
    assert max(map(len, pieces)) <= LONGEST
    assert all(not piece.startswith(" ") and piece.endswith("Wort") for piece in pieces)


def test_a_short_text_is_one_window_with_its_title() -> None:
    (window,) = cut("Titel", "Ein Satz steht hier. Noch ein Satz steht hier.")
    assert window.text == "Titel\nEin Satz steht hier.\nNoch ein Satz steht hier."


def test_every_window_has_the_title_and_a_part_of_the_one_before() -> None:
    body = " ".join(f"Satz {number} steht hier." for number in range(40))
    found = cut("Titel", body, most=100)
    assert all(window.pieces[0].text == "Titel" for window in found)
    assert all(window.pieces[-1] in after.pieces for window, after in pairwise(found))
    read = {piece for window in found for piece in window.pieces[1:]}
    assert read == set(cut("", body, room=10_000)[0].pieces)


def test_there_are_no_more_windows_than_asked_for() -> None:
    assert len(cut("Titel", "Ein Satz steht hier. " * 1000, most=3)) == 3


def test_a_title_that_fills_a_window_is_read_like_a_body() -> None:
    title = "Ein Satz steht im Titel. " * 8
    found = cut(title, "Der Text kommt danach.")
    assert found[0].pieces[0].text == "Ein Satz steht im Titel."
    assert found[-1].pieces[-1].text == "Der Text kommt danach."


def test_many_sentences_are_taken_together_but_never_across_title_and_body() -> None:
    (window,) = cut("Titel", "Ein Satz hier. " * 30, room=1000)
    parts = window.parts(8)
    assert parts[0] == "Titel"
    assert len(parts) <= 9
    assert all(part in "Ein Satz hier. " * 30 for part in parts[1:])


@given(st.text(max_size=2000), st.text(max_size=2000), st.integers(1, 50), st.integers(1, 10))
def test_parts_stand_word_for_word_in_the_text(title: str, body: str, room: int, most: int) -> None:
    for window in cut(title, body, room, most):
        assert all(part in title or part in body for part in window.parts(4))
        assert all(piece.text.strip() == piece.text != "" for piece in window.pieces)


@given(st.text(alphabet='a .!\n"', max_size=3000))
def test_nothing_but_white_space_is_left_out(body: str) -> None:
    assert "".join("".join(split(body)).split()) == "".join(body.split())
