"""Boxes and words are one query, and come back as boxes and words."""

import pytest

from services.portal.boxes import choices_of
from services.portal.choices import Choices
from shared.query.syntax import parse

CHOSEN = [
    Choices(),
    Choices("Netz"),
    Choices("Netz OR Strom", ("energy",)),
    Choices('"data space" -coal', ("energy", "health"), ("de",), ("DE", "FR"), franco_german=True, sovereign=True),
    Choices("", ("ai",), ("fr", "en"), (), franco_german=False, sovereign=True),
]


@pytest.mark.parametrize("choices", CHOSEN)
def test_what_was_ticked_comes_back_ticked(choices: Choices) -> None:
    back = choices_of(choices.query())
    assert back == choices
    assert parse(back.query()) == parse(choices.query())


@pytest.mark.parametrize(
    ("query", "choices"),
    [
        ("theme:energy wind", Choices("wind", ("energy",))),
        ("(theme:energy OR theme:ai) lang:de", Choices("", ("energy", "ai"), ("de",))),
        ("theme:energy OR wind", Choices("theme:energy OR wind")),
        ("-theme:energy", Choices("-theme:energy")),
        ("country:DE country:BE", Choices("country:BE", countries=("DE",))),
        ("sovereignty:>0.7", Choices("sovereignty:>0.7")),
        ("source:inria theme:ai title:Netz", Choices("source:inria title:Netz", ("ai",))),
    ],
)
def test_what_no_box_says_is_words(query: str, choices: Choices) -> None:
    assert choices_of(query) == choices
    assert parse(choices_of(query).query()) == parse(choices.query())
