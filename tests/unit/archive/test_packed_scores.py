"""Scores are packed where nothing is lost by it."""

from random import Random

from shared.archive.packed_scores import ROOM, packed, unpacked
from shared.archive.theme_bits import ORDER


def some_scores(dice: Random, share: float) -> dict[str, float]:
    return {theme: dice.randrange(10_001) / 10_000 for theme in ORDER if dice.random() < share}


def test_what_is_packed_comes_back(dice: Random) -> None:
    for _ in range(200):
        scores = some_scores(dice, dice.random())
        small = packed(scores)
        assert small is not None
        assert (unpacked(small), len(small)) == (scores, ROOM)


def test_a_program_that_knew_fewer_themes_packed_less() -> None:
    small = packed({"energy": 0.25, "health": 1.0}) or b""
    assert unpacked(small[:4]) == {"energy": 0.25, "health": 1.0}


def test_what_would_lose_something_is_not_packed() -> None:
    for scores in ({"energy": 0.12345}, {"energy": 1.5}, {"energy": -0.1}, {"a theme of somebody else's": 0.5}):
        assert packed(scores) is None
