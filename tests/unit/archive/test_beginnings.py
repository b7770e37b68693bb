"""What lists show of an item that came without a summary."""

from random import Random
from textwrap import shorten

from shared.archive.excerpts import beginning


def test_it_is_cut_at_a_blank_as_the_library_cuts_it(dice: Random) -> None:
    for _ in range(300):
        text = "".join(dice.choice("ab \né…") * dice.randint(1, 9) for _ in range(dice.randint(0, 60)))
        for room in (5, 20, 120):
            assert beginning(text, room) == shorten(text[: 2 * room], room, placeholder=" …")


def test_a_word_with_a_hyphen_stays_whole() -> None:
    assert beginning("Das neue KI-Zentrum", 14) == "Das neue …"
