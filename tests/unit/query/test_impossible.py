"""A query that asks for what never holds together is told so, and no query that finds something ever is."""

from random import Random

import pytest

from shared.query.impossible import contradiction
from shared.query.match import matches
from shared.query.syntax import parse
from tests.documents import a_document
from tests.queries import FACETS, WORDS, a_query, a_text


@pytest.mark.parametrize(
    ("query", "never"),
    [
        ("after:2026-06 before:2026-03", "after:2026-06 before:2026-03"),
        ("energy after:2026-03-01 lang:de before:2026-03-01", "after:2026-03-01 before:2026-03-01"),
        ("theme:energy -theme:energy", "theme:energy -theme:energy"),
        ("-wind netz wind", "-wind wind"),
        ("title:wind -wind", "title:wind -wind"),
        ("wind -(sonne OR wind)", "wind -(sonne OR wind)"),
        ("lang:de lang:fr", "lang:de lang:fr"),
        ("country:DE (country:FR OR country:EU)", "country:DE (country:FR OR country:EU)"),
        ("sovereignty:>0.8 sovereignty:<=0.5", "sovereignty:>0.8 sovereignty:<=0.5"),
        ("sovereignty:>1", "sovereignty:>1"),
        ("theme:ai:>0.9 theme:ai:<0.9", "theme:ai:>0.9 theme:ai:<0.9"),
        ("theme:ai:>0.9 -theme:ai", "theme:ai:>0.9 -theme:ai"),
        ("after:2026-03 -after:2026-01", "after:2026-03 -after:2026-01"),
        ("(lang:de lang:fr) OR (lang:en lang:de)", "lang:de lang:fr"),
    ],
)
def test_what_can_never_hold_together_is_named(query: str, never: str) -> None:
    found = contradiction(parse(query).node)
    assert found is not None
    assert found.echo() == never


@pytest.mark.parametrize(
    "query",
    [
        "",
        "after:2026-03 before:2026-04",
        "theme:energy -theme:health",
        "theme:energy theme:health",
        "source:a source:b",
        "lang:de OR lang:fr",
        "(lang:de lang:fr) OR wind",
        "wind -title:wind",
        "sovereignty:>0.5 sovereignty:<0.8",
        "sovereignty:>=0.5 sovereignty:<=0.5",
        "theme:ai:>0.9 theme:energy:<0.9",
        "org:DFKI org:Inria",
    ],
)
def test_of_what_may_hold_nothing_is_said(query: str) -> None:
    assert contradiction(parse(query).node) is None


def test_no_query_that_finds_an_item_is_called_impossible(dice: Random) -> None:
    said = 0
    for _ in range(60):
        language = dice.choice(list(WORDS))
        document = a_document(a_text(dice, language, 5), a_text(dice, language, 30), language=language)
        for _ in range(10):
            facets = " ".join(dice.choice(("", "-")) + leaf for leaf in dice.choices(FACETS, k=4))
            query = parse(f"{facets} {a_query(dice)}")
            if contradiction(query.node):
                said += 1
                assert not matches(query, document), query.echo()
    assert said
