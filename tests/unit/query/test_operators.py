"""Operators may be written in German, French and English; a country by any of its names."""

import pytest

from shared.errors import QueryError
from shared.query.syntax import parse
from shared.query.wrong import in_words


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("Wind ODER Solar", "Wind OR Solar"),
        ("vent OU soleil", "vent OR soleil"),
        ("KI UND Energie", "KI Energie"),
        ("ÉNERGIE ET CLIMAT", "ÉNERGIE CLIMAT"),
        ("Wind NICHT Meer", "Wind -Meer"),
        ("éolien SAUF (mer OU lac)", "éolien -(mer OR lac)"),
        ("Wind oder Meer", "Wind Meer"),  # a small word, and no operator
        ("vent ou mer", "vent mer"),
        ('"vent OU mer"', '"vent OU mer"'),
        ("ODER.", "oder"),
        ("title:(Wind ODER Meer)", "title:Wind OR title:Meer"),
    ],
)
def test_operators_of_three_languages_are_understood_in_capitals(written: str, understood: str) -> None:
    query = parse(written)
    assert query.echo() == understood
    assert parse(query.echo()).node == query.node


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("country:Österreich", "AT"),
        ("pays:Suisse", "CH"),
        ('land:"Vereinigte Staaten"', "US"),
        ("country:xk", "XK"),
    ],
)
def test_a_country_has_names_in_three_languages(written: str, code: str) -> None:
    assert parse(written).echo() == f"country:{code}"


def test_a_country_that_is_none_is_an_error_and_finds_not_nothing_in_silence() -> None:
    with pytest.raises(QueryError) as slip:
        parse("land:Frankreihc")
    assert (slip.value.position, in_words(slip.value, "de")) == (
        5,
        "Ein Land Frankreihc gibt es nicht. Ist FR gemeint?",
    )
    with pytest.raises(QueryError) as unknown:
        parse("pays:Narnia")
    assert in_words(unknown.value, "fr").startswith("Le pays Narnia n’existe pas")
