"""Which items tell the same story."""

import random
from dataclasses import replace

import pytest

from services.archivist.stories import Piece, keys, same_story

TITLE = "Deutschland und Frankreich bauen ein gemeinsames Rechenzentrum"
WORDS = tuple(f"wort{n}" for n in range(400))


def words(count: int, start: int = 0) -> str:
    return " ".join(WORDS[start : start + count])


def a_piece(source: str = "dfki", title: str = TITLE, text: str = words(10)) -> Piece:
    return Piece(source, title, text)


def joined(one: Piece, other: Piece) -> bool:
    """As the archivist does it: a candidate by a common key, then judged; the same from either side."""
    together = bool(keys(one) & keys(other)) and same_story(one, other)
    assert together == (bool(keys(other) & keys(one)) and same_story(other, one))
    return together


def test_the_same_distinctive_title_at_two_sources_is_one_story() -> None:
    assert joined(a_piece(), a_piece("inria", text=words(40, 50)))


def test_spelling_and_punctuation_of_a_title_do_not_matter() -> None:
    assert joined(
        a_piece(title="Künstliche Intelligenz für die Energiewende: „Netze“ gestartet"),
        a_piece("bmwk", title="KUENSTLICHE Intelligenz für die Energiewende – Netze gestartet", text=""),
    )


@pytest.mark.parametrize("title", ["Pressemitteilung", "Newsletter März", "Communiqué de presse", "", "…"])
def test_generic_titles_do_not_make_a_story(title: str) -> None:
    assert not joined(a_piece(title=title), a_piece("inria", title, words(40, 50)))
    assert not joined(a_piece(title=title, text="Mehr lesen"), a_piece("inria", title, "Mehr lesen"))
    assert not joined(a_piece(title=title, text=""), a_piece("inria", title, ""))


def test_the_same_short_title_and_text_at_two_sources_is_one_story() -> None:
    assert joined(a_piece(title="KI für alle"), a_piece("inria", "KI für alle"))


def test_the_same_text_at_two_sources_is_one_story_whatever_its_title() -> None:
    assert joined(a_piece(text=words(25)), a_piece("inria", "Anders überschrieben", words(25)))
    assert not joined(a_piece(text=words(24)), a_piece("inria", "Anders überschrieben", words(24)))


def test_nearly_the_same_long_text_at_two_sources_is_one_story() -> None:
    edited = words(200).replace("wort100", "neu").replace("wort30", "neu")
    assert joined(a_piece(text=words(200)), a_piece("inria", "Anders überschrieben", edited))


def test_texts_that_share_their_half_are_two_stories() -> None:
    other = a_piece("inria", "Anders überschrieben", words(200, 100))
    assert not joined(a_piece(text=words(200)), other)


def test_a_series_of_one_source_under_one_title_stays_apart() -> None:
    assert not joined(a_piece(text=words(40)), a_piece(text=words(40, 100)))


def test_one_source_that_publishes_a_release_twice_has_one_story() -> None:
    assert joined(a_piece(), a_piece())
    assert joined(a_piece(text=words(200)), a_piece(text=words(199)))


def test_what_a_source_says_of_itself_under_every_title_makes_no_story() -> None:
    assert not joined(
        a_piece(text=words(60)), a_piece(title="Etwas ganz anderes ist heute geschehen", text=words(60))
    )


def test_templates_of_one_source_stay_apart() -> None:
    advisory = "Schwachstelle in Produkt A gefunden und behoben"
    other = advisory.replace("Produkt A", "Produkt B")
    text = words(90)
    assert not joined(a_piece(title=advisory, text=f"A {text}"), a_piece(title=other, text=f"B {text}"))


def test_a_sketch_finds_nearly_the_same_texts_and_keys_stay_few() -> None:
    chance = random.Random(7)
    for _ in range(50):
        text = [chance.choice(WORDS) for _ in range(300)]
        edited = list(text)
        for at in chance.sample(range(300), 5):
            edited[at] = "neu"
        one, other = a_piece(text=" ".join(text)), a_piece("inria", "Anders", " ".join(edited))
        assert joined(one, other)
        assert len(keys(one)) <= 7


def test_keys_fit_a_signed_column_of_64_bits() -> None:
    found = keys(a_piece(text=words(300)))
    assert all(-(2**63) <= key < 2**63 for key in found)


def test_a_very_long_text_is_judged_by_its_beginning() -> None:
    long = " ".join(f"w{n}" for n in range(30_000))
    assert joined(a_piece(text=long), a_piece("inria", "Anders", f"{long} nachtrag"))


def test_a_piece_keeps_what_it_computes() -> None:
    one = a_piece(text=words(100))
    assert one.shingles is one.shingles
    assert replace(one) == one
