"""Queries for calls and events, for tags that are sure enough, and for the model that tagged."""

from datetime import date

import pytest

from shared.errors import QueryError
from shared.items import Announcement
from shared.query.match import matches
from shared.query.syntax import parse
from tests.documents import a_document

CALL = a_document(announced={Announcement.CALL: date(2026, 5, 4)})


@pytest.mark.parametrize(
    "query", "is:call is:Aufruf deadline:2026 deadline:2026-05 frist:2026-05-04 deadline:<2026-06".split()
)
def test_a_call_is_found_by_its_kind_and_its_deadline(query: str) -> None:
    assert matches(parse(query), CALL)


@pytest.mark.parametrize(
    "query", "is:event deadline:2026-06 deadline:<2026-05-04 deadline:>2026-05 deadline:>=2026-05-05".split()
)
def test_a_call_is_not_found_by_another_kind_or_deadline(query: str) -> None:
    assert not matches(parse(query), CALL)


@pytest.mark.parametrize("announced", [{Announcement.CALL: None}, {Announcement.EVENT: date(2026, 5, 4)}])
def test_a_call_without_a_day_has_no_deadline_and_an_event_neither(
    announced: dict[Announcement, date | None],
) -> None:
    assert matches(parse("(is:call OR is:event) -deadline:>2000"), a_document(announced=announced))


def test_a_theme_may_have_to_be_sure() -> None:
    document = a_document(themes=["energy"], scores={"energy": 0.85, "health": 0.95})
    assert matches(parse("theme:energy:>0.8 thema:Energie:<90%"), document)
    assert not matches(parse("theme:energy:>0.9"), document)
    assert not matches(parse("theme:health:>0.9"), document)  # it was not given


def test_a_model_is_named_by_the_beginning_of_its_name() -> None:
    document = a_document(model="vigie-1.abcd+ef")
    assert matches(parse("model:vigie-1"), document)
    assert not matches(parse("model:vigie-2"), document)


@pytest.mark.parametrize("query", ["theme:energy:much", "theme:energy:>2", "deadline:soon", "deadline:>2026-13"])
def test_what_is_no_comparison_is_an_error(query: str) -> None:
    with pytest.raises(QueryError):
        parse(query)


@pytest.mark.parametrize(
    "query",
    ["theme:energy:>0.9", "model:vigie-1", "is:call", "is:event", "deadline:2026-05", "deadline:>=2026-05-04"],
)
def test_the_echo_means_the_same(query: str) -> None:
    assert parse(query).echo() == query
    assert parse(parse(query).echo()) == parse(query)
