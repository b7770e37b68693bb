"""The other spelling of a query's words."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.query.spelling import MOST, respelt, spellings
from shared.query.syntax import parse
from shared.query.tree import Text
from shared.text.fold import fold


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Forderung", "Förderung"),
        ("Förderung", "Forderung"),
        ("Foerderung", "Forderung"),
        ("Uberprufung", "Überprüfung"),
        ("Baume", "Bäume"),
        ("Buroraume", "Büroräume"),
        ("Müller", "Muller"),
        ("kunstliche Intelligenz", "künstliche Intelligenz"),
    ],
)
def test_the_spelling_that_was_meant_is_among_them(typed: str, meant: str) -> None:
    assert meant in spellings(typed)


@given(some.text(max_size=60))
def test_they_are_few_and_all_other_words(text: str) -> None:
    found = spellings(text)
    assert len(found) <= MOST
    assert len({fold(each) for each in (text, *found)}) == len(found) + 1


def _in(*words: str):
    def known(texts: Sequence[Text]) -> list[Text]:
        return [each for each in texts if each.text in words]

    return known


def test_only_words_that_are_known_are_added_and_the_rest_stays() -> None:
    found = respelt(parse('forderung title:"kunst" theme:ai -druck'), _in("förderung", "drück"))
    assert found is not None
    assert found.query == '(forderung OR förderung) title:"kunst" theme:ai -druck'
    assert found.words == ("förderung",)


def test_what_is_asked_for_is_understood_again() -> None:
    found = respelt(parse("(forder* OR netz) munchen"), _in("förder", "münchen"))
    assert found is not None
    assert parse(found.query).echo() == found.query


def test_without_another_spelling_there_is_none() -> None:
    assert respelt(parse("KI theme:ai"), _in("x")) is None
    assert respelt(parse(""), _in("x")) is None
