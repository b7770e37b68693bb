"""Labelled items are read line by line; a line that cannot be used says what is wrong with it."""

import json
from typing import Any

import pytest

from services.classifier.evaluation.labelled import LANGUAGE, RUBRIC
from services.classifier.evaluation.reading import Reading, Refused, read

LINE = {"id": "a", "lang": "de", "title": "Strom", "text": "…", "themes": ["energy"]}


def reading(*lines: dict[str, Any]) -> Reading:
    return read([json.dumps(line).encode() for line in lines])


def without(field: str) -> dict[str, Any]:
    return {name: value for name, value in LINE.items() if name != field}


def test_a_line_becomes_an_item_that_is_its_own_publication() -> None:
    (item,) = reading(LINE).items
    assert (item.id, item.group, item.lang, item.themes) == ("a", "a", "de", {"energy"})
    assert item.judged == {*RUBRIC, LANGUAGE}


def test_translations_share_their_group() -> None:
    items = reading(LINE | {"group": "g"}, LINE | {"id": "b", "lang": "fr", "group": "g"}).items
    assert [item.group for item in items] == ["g", "g"]


def test_what_a_line_holds_besides_the_themes_is_judged_too() -> None:
    (item,) = reading(LINE | {"sovereignty": 0.5, "franco_german": True, "organisations": ["DFKI"]}).items
    assert {"sovereignty", "franco_german", "organisations"} <= item.judged
    assert (item.sovereignty, item.franco_german, item.organisations) == (0.5, True, {"DFKI"})


def test_ai_is_judged_only_where_somebody_labelled_it() -> None:
    assert "ai" not in reading(LINE).items[0].judged
    (yes, no) = reading(LINE | {"ai": True}, LINE | {"id": "b", "ai": False}).items
    assert ("ai" in yes.themes, "ai" in no.themes) == (True, False)
    assert "ai" in yes.judged & no.judged


def test_a_file_whose_themes_name_ai_is_labelled_for_ai_throughout() -> None:
    (_, silent) = reading(LINE | {"themes": ["ai"]}, LINE | {"id": "b"}).items
    assert "ai" in silent.judged
    assert "ai" not in silent.themes


def test_only_the_labels_that_a_line_names_as_judged_are() -> None:
    line = LINE | {"sovereignty": 0.5, "judged": ["energy", "ai"]}
    assert reading(line).items[0].judged == {"energy", "ai"}
    assert reading(without("themes") | {"judged": []}).items[0].judged == set()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (without("title"), "'title' is missing"),
        (without("themes"), "'themes' is missing"),
        (LINE | {"lang": "pt"}, "'lang' must be de, fr, en or other, found 'pt'"),
        (LINE | {"themes": "energy"}, "'themes' must be a list of strings, found \"energy\""),
        (LINE | {"themes": [3]}, "'themes' must be a list of strings, found [3]"),
        (LINE | {"sovereignty": 2}, "'sovereignty' must be 0 to 1, found 2"),
        (LINE | {"sovereignty": True}, "'sovereignty' must be a number, found true"),
        (LINE | {"franco_german": "yes"}, "'franco_german' must be true or false, found \"yes\""),
        (LINE | {"judged": ["sovereignty"]}, "'sovereignty' is missing, though 'judged' names it"),
    ],
)
def test_a_wrong_line_is_refused_with_its_reason(line: dict[str, Any], reason: str) -> None:
    assert reading(LINE | {"id": "first"}, line).refused == (Refused(2, reason),)


def test_a_theme_that_nobody_knows_is_refused_with_those_that_are_known() -> None:
    (refused,) = reading(LINE | {"themes": ["enrgy"]}).refused
    assert refused.reason.startswith("'enrgy' is no theme; known are ai, climate, compute")


def test_an_item_that_stands_twice_counts_once() -> None:
    found = reading(LINE, LINE)
    assert len(found.items) == 1
    assert found.refused == (Refused(2, "the id 'a' stands on line 1 already"),)


def test_blank_lines_are_passed_over_and_numbers_stay_those_of_the_file() -> None:
    found = read([b"\n", b"not json\n", b"\xff\n", b"[]\n"])
    assert [each.line for each in found.refused] == [2, 3, 4]
    assert [each.reason.split(":")[0] for each in found.refused[:2]] == ["not JSON", "not UTF-8"]
