"""What stands in one version alone is found, and little else is said: planted changes in parallel releases.

The bounds were chosen on one half of the federal releases; these figures are of 500 of the other half.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from shared.comparison.compare import Version, side
from shared.comparison.compared import compared
from tests.quality.comparing import Trial, federal_releases, judge, own_releases, trials
from tests.quality.sets import SHARED

FEDERAL: Path = SHARED / "labels" / "swiss-press-parallel.jsonl.gz"
PRECISION, RECALL, FALSE_A_TEXT = 0.90, 0.80, 0.10


def holds(found: Sequence[Trial]) -> None:
    score = judge(found)
    assert score.precision >= PRECISION, score
    assert score.recall >= RECALL, score
    assert score.false_a_text <= FALSE_A_TEXT, score


@pytest.mark.slow
def test_planted_changes_in_written_releases_are_found() -> None:
    holds(trials(own_releases(), "own"))


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.skipif(not FEDERAL.exists(), reason="no ../shared/labels here")
def test_planted_changes_in_500_federal_releases_that_chose_nothing_are_found() -> None:
    releases = federal_releases(FEDERAL, "judge", 500)
    assert len(releases) == 500
    holds(trials(releases, "judge"))


def test_two_versions_of_a_long_release_are_compared_within_a_second() -> None:
    releases = own_releases()
    left, right = (
        Version(each.language, each.title, " ".join(pair[n].text for pair in releases[::3]))
        for n, each in enumerate(releases[0])
    )
    assert len(side(left).sentences) >= 30
    compared(*releases[0])  # loads the encoder

    def seconds(attempt: int) -> float:
        """Of the processor; no answer is a remembered one."""
        began = time.process_time()
        compared(replace(left, title=f"{left.title} {attempt}"), right)
        return time.process_time() - began

    assert min(map(seconds, range(3))) < 1
