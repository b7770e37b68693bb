"""docs/searching.md: every example is understood as it says, and finds what it says; no field is missing."""

import re
from pathlib import Path

import pytest

from shared.query.expansion import expanded
from shared.query.fields import FIELDS, TITLE
from shared.query.match import matches
from shared.query.syntax import parse
from tests.documents import a_document

PAGE = (Path(__file__).parents[3] / "docs/searching.md").read_text("utf-8")
LANGUAGES = ("de", "fr", "en")


def rows(name: str) -> list[list[str]]:
    """The cells of the table behind this mark."""
    table = PAGE.split(f"<!-- {name} -->\n")[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


WORDS, OF_FIELDS, TERMS = rows("words"), rows("fields"), rows("terms")


@pytest.mark.parametrize("row", WORDS, ids=lambda row: row[0])
def test_words_are_understood_and_find_what_the_page_says(row: list[str]) -> None:
    (query,), (echo,), found, missed = codes(row[0]), codes(row[1]), row[2], row[3]
    assert parse(query).echo() == echo
    texts = {
        text: [a_document(text, language=language) for language in LANGUAGES] for text in (found, missed) if text
    }
    assert any(matches(parse(query), document) for document in texts[found])
    if missed:
        assert not any(matches(parse(query), document) for document in texts[missed])


@pytest.mark.parametrize("row", OF_FIELDS, ids=lambda row: row[0])
def test_fields_are_understood_by_all_of_their_names(row: list[str]) -> None:
    (echo,) = codes(row[1])
    for query in codes(row[0]):
        assert parse(query).echo() == echo, query


@pytest.mark.parametrize("row", TERMS, ids=lambda row: row[0])
def test_terms_are_asked_by_their_names_in_other_languages_too(row: list[str]) -> None:
    (query,), (asked,) = codes(row[0]), codes(row[1])
    assert expanded(query) == asked
    assert any(matches(parse(asked), a_document(row[2], language=language)) for language in LANGUAGES)


def test_no_field_is_missing() -> None:
    written = " ".join(query for row in OF_FIELDS for query in codes(row[0]))
    assert {name for name in (*FIELDS.values(), TITLE) if f"{name}:" not in written} == set()
