"""Counterparts: what costs nothing to find comes first, and no text is reported on without need."""

from datetime import UTC, datetime, timedelta

import numpy as np

from shared.comparison.counterparts import Side, Told
from shared.comparison.pair import Report, report
from shared.meaning.rows import WIDTH
from shared.meaning.vectors import packed

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LAB = ("Bosch baut Batterien mit Natrium in Dünkirchen", "Ein Werk für 900 Millionen Euro mit 650 Menschen.")


def told(number: int, days: int, story: str, direction: int) -> Told:
    """Two of one direction are near in meaning, others are not at all."""
    vector = packed(np.eye(WIDTH, dtype=np.float32)[direction])
    return Told(number, f"source-{number}", NOON + days * DAY, story, vector, vector)


ONE = told(0, 0, "a", 0)


class Reports:
    """All say the same; remembers of which it was asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, number: int) -> Report:
        self.asked.append(number)
        return report("de", *LAB)


def counterparts(*others: Told) -> tuple[list[int], set[int]]:
    """Those of ONE from a week before it on, and whose texts were reported on."""
    reports = Reports()
    found = [each.number for each in Side(others).counterparts(ONE, reports, NOON - 7 * DAY)]
    return found, set(reports.asked)


def test_what_is_of_its_story_or_near_in_meaning_needs_no_report() -> None:
    assert counterparts(told(1, 3, "b", 0), told(2, 5, "a", 1)) == ([2, 1], set())


def test_what_came_too_early_is_none_and_needs_no_report() -> None:
    assert counterparts(told(1, -8, "b", 1), told(2, -8, "a", 1), told(3, -8, "c", 0)) == ([], set())


def test_of_those_that_the_pair_model_finds_the_earliest_is_enough() -> None:
    assert counterparts(told(1, 9, "b", 1), told(2, 2, "c", 2), told(3, 4, "d", 3)) == ([2], {0, 2})
