"""Cursors and corrections."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.archive.cursor import Place, decode, encode
from shared.archive.verdicts import corrected
from shared.errors import BadInput
from tests.archived import a_verdict, later


@given(st.integers(0, 2**63 - 1), st.integers(-(10**9), 10**9))
def test_a_cursor_comes_back_as_it_went(number: int, microseconds: int) -> None:
    place = Place(later(microseconds=microseconds), number)
    assert decode(encode(place)) == place


@given(st.text(max_size=60))
def test_any_other_text_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadInput, match="first page"):
        decode(text)


def test_a_verdict_without_corrections_stays_itself() -> None:
    verdict = a_verdict()
    assert corrected(verdict, {}) is verdict


@pytest.mark.parametrize(("value", "holds"), [(0.5, True), (0.49, False)])
def test_a_corrected_label_holds_from_one_half_on(value: float, holds: bool) -> None:
    verdict = corrected(a_verdict(), {"energy": value, "ai": value, "franco_german": value})
    assert verdict.themes == (("energy", "ai") if holds else ())
    assert verdict.franco_german is holds
    assert verdict.scores["ai"] == value
