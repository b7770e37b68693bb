"""Stories are told apart well enough to suppress mails by them: translations join, hardly anything else does."""

import pytest

from services.archivist.evaluation import Grouped, grouped, scores
from shared.archive.evidence import How
from tests.archived import later
from tests.fakes import FakeClock
from tests.quality.streams import ENTRIES, FEDERAL, Stream, entries, judged, releases, written


def through(stream: Stream, *, by_meaning: bool = True) -> Grouped:
    return grouped(stream.items, FakeClock(later(days=400)), by_meaning=by_meaning)


def hold(stream: Stream, *, precision: float, recall: float) -> None:
    """And that what exact repetition finds is far less."""
    by_meaning = scores(stream.event, through(stream).story)
    before = scores(stream.event, through(stream, by_meaning=False).story)
    assert by_meaning.precision.value >= precision
    assert by_meaning.recall.value >= recall
    assert before.recall.value < by_meaning.recall.value - 0.15


def test_written_translations_join_and_nothing_else_does() -> None:
    hold(written(), precision=0.995, recall=0.7)


@pytest.mark.skipif(not FEDERAL.exists(), reason="no ../shared/labels here")
def test_translations_of_federal_releases_join() -> None:
    """Three months that had no part in setting the thresholds."""
    hold(releases("2021-10", "2021-12"), precision=0.995, recall=0.9)


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.skipif(not ENTRIES.exists(), reason="no ../shared/labels here")
def test_of_the_press_of_three_languages_hardly_a_merge_is_wrong() -> None:
    """Every merge was read, and one that nobody read counts as wrong: at most one for 1,000 items."""
    stream = entries()
    found = [event for event in through(stream).history if event.evidence.how is not How.EXACT]
    said = judged()
    wrong = [each for each in found if not said.get(frozenset((each.item_id, each.other_id)), False)]
    assert found
    assert len(wrong) * 1_000 <= len(stream.items), wrong
