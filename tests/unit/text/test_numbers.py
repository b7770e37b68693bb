"""A number is found in whichever way its thousands are set apart."""

from itertools import product

import pytest

from shared.query.match import matches
from shared.query.syntax import parse
from tests.documents import a_document

WAYS = ("100000", "100.000", "100,000", "100'000", "100’000", "100\u202f000", "100\u00a0000", "100 000")


@pytest.mark.parametrize(("asked", "written"), list(product(WAYS[:-3], WAYS)))
def test_one_way_finds_every_other(asked: str, written: str) -> None:
    assert matches(parse(asked), a_document("", f"Rund {written} Menschen"))


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("100.000", "100"),
        ("100000", "1000000"),
        ("2026", "2.026"),
        ("12345", "12 34 5"),
        ("4.0", "40"),
        ("1.50", "150"),
    ],
)
def test_another_number_is_another(asked: str, written: str) -> None:
    assert not matches(parse(asked), a_document("", f"Rund {written} Menschen"))


def test_millions_have_three_groups() -> None:
    assert matches(parse("1.250.000"), a_document("", "1 250 000 Euro"))
    assert matches(parse("1250000"), a_document("", "1'250'000 Franken"))
