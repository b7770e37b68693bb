"""Dates from to, single quotes, proximity, tied names, small words, slips, errors in three languages."""

import pytest

from shared.errors import QueryError
from shared.items import LANGUAGES
from shared.query.match import matches
from shared.query.strict import parse_strictly
from shared.query.syntax import parse
from shared.query.wrong import in_words
from tests.documents import a_document


@pytest.mark.parametrize(
    ("query", "echo"),
    [
        ("date:2025-03..2025-06", "after:2025-03 before:2025-07"),
        ("date:2025-12", "after:2025-12 before:2026-01"),
        ("datum:2025", "after:2025 before:2026"),
        ("date:2024-02-28..2024-02-28", "after:2024-02-28 before:2024-02-29"),
        ("date:2025..", "after:2025"),
        ("date:..2025-06-30", "before:2025-07-01"),
        ("-date:2025", "-(after:2025 before:2026)"),
        ("date:9999", "after:9999"),
        ("'grid storage'", '"grid storage"'),
        ("‚Netz und Speicher‘", '"Netz und Speicher"'),
        ("‘data space’ ‹espace de données›", '"data space" "espace de données"'),
        ("›Netz und Speicher‹", '"Netz und Speicher"'),
        ("title:'grid storage' -'a b'", 'title:"grid storage" -"a b"'),
        ("'l'énergie d'hier'", "\"l'énergie d'hier\""),
        ("l'énergie d'aujourd'hui", "l'énergie d'aujourd'hui"),
        ("the ministers' plan", "ministers plan"),
        ("rock'n'roll 'tis", "rock'n'roll tis"),
        ('"grid storage"~5', '"grid storage"~5'),
        ("title:'netz* speicher'~0", 'title:"netz* speicher"~0'),
        ("DFKI/Inria", "(DFKI OR org:dfki) (Inria OR org:inria)"),
        ("KI/Energie/Netz*", "KI Energie Netz*"),
        ("24/7 km/h example.org/a/b", "24/7 km/h example.org/a/b"),
        ("die Zukunft der KI", "Zukunft KI"),
        ("l'avenir de la recherche", "l'avenir de recherche"),
        ("der OR die", "der OR die"),
        ("the lang:en", "the lang:en"),
        ('"the grid" -the THE', '"the grid" -the THE'),
    ],
)
def test_a_query_is_understood(query: str, echo: str) -> None:
    assert parse(query).echo() == echo
    assert parse(query).repairs == ()
    assert parse(echo).node == parse(query).node


def test_small_words_that_are_passed_over_are_said() -> None:
    assert parse("die Zukunft der KI").passed == ("die", "der")
    assert parse("der die").passed == ()


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ('"grid storage"~5', "Storage for the grid", True),
        ('"grid storage"~1', "Storage for the grid", False),
        ('"grid storage"~0', "The storage grid", True),
        ('"grid storage"~0', "The grid and its storage", False),
        ('"grid storage cost"~3', "Costs: the cost of storage in a grid", True),
        ('"grid storage cost"~2', "The cost of storage in a grid", False),
        ('"netz* speich*"~3', "Speicher und ihre Netze", True),
        ('"netz speicher"~3', "Speicher und ihre Netze", False),
        ("DFKI/Inria", "Inria und das DFKI gründen ein Labor", True),
        ("DFKI/Inria", "Inria/DFKI", True),
        ("DFKI/Inria", "Das DFKI gründet ein Labor", False),
    ],
)
def test_words_are_found_near_one_another_or_side_by_side(query: str, text: str, *, found: bool) -> None:
    assert matches(parse(query), a_document(text)) is found


def test_a_slash_finds_a_body_that_is_named_otherwise() -> None:
    item = a_document("Ein Labor mit Inria", organisations=("dfki", "inria"))
    assert matches(parse("DFKI/Inria"), item)


@pytest.mark.parametrize(
    ("query", "text", "language", "found"),
    [
        ("EU", "Le salon a eu lieu à Lyon", "fr", False),
        ("EU", "The EU adopts the AI Act", "en", True),
        ("EU", "Die EU beschließt", "de", True),
        ("eu", "Die EU beschließt", "de", True),
        ("EU", "Le sommet États-Unis (EU) a eu lieu", "fr", True),
        ('"a eu lieu"', "Le salon a eu lieu à Lyon", "fr", True),
        ("IT", "It is said that it rains", "en", False),
        ("IT", "Cuts in IT", "en", True),
        ("US", "It concerns us", "en", False),
        ("WHO", "Those who know", "en", False),
    ],
)
def test_a_name_in_capitals_is_no_small_word_of_another_language(
    query: str, text: str, language: str, *, found: bool
) -> None:
    assert matches(parse(query), a_document(text, language=language)) is found


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("theme:enrgy", "energy"),
        ("theme:energi", "energy"),
        ("theme:regulati", "regulation"),
        ("lang:frnech", "fr"),
        ("contry:DE", "country:"),
        ("theem:ai", "theme:"),
        ("theme:foo", None),
        ("theme:zebra", None),
        ("lang:it", None),
        ("foo:bar", None),
        ("is:great", None),
    ],
)
def test_a_slip_is_set_right_and_a_far_word_gets_no_guess(query: str, meant: str | None) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert caught.value.values.get("near") == (meant and meant.removesuffix(":"))


BROKEN = {
    "theme:foo": "no_theme",
    "theme:enrgy": "no_theme_near",
    "lang:it": "no_language",
    "is:great": "no_mark",
    "foo:bar": "no_field",
    "contry:DE": "no_field_near",
    "sovereignty:much": "no_score",
    "after:yesterday": "no_date",
    "date:..": "field",
    "date:2026..2025": "backwards",
    '"a b"~99': "too_far",
    "x" * 5_000: "too_long",
    "-x " * 201: "too_many",
    "(" * 100: "too_deep",
    '"open': "quote",
    "(a": "bracket",
    "a OR": "operator",
    "theme:": "field",
    "+++": "sign",
}


@pytest.mark.parametrize("query", BROKEN)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_wrong_is_said_wholly_in_the_language_of_the_reader(query: str, language: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_strictly(query)
    error = caught.value
    assert error.key == BROKEN[query]
    said = {each: in_words(error, each) for each in LANGUAGES}
    assert len(set(said.values())) == len(LANGUAGES)
    assert all(str(value) in said[language] for value in error.values.values())
    assert str(error) == said["en"]
