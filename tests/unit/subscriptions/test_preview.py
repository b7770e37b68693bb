"""What is said before a subscription is saved: how much it would have brought, and when that is a flood."""

from datetime import timedelta
from pathlib import Path

import pytest

from shared.subscriptions.preview import Preview, would_have_matched
from tests.archived import NOON
from tests.fakes import FakeClock, a_store
from tests.mailing import archive


@pytest.mark.parametrize(("count", "too_many"), [(600, False), (601, True)])
def test_more_than_twenty_a_day_are_too_many(count: int, too_many: bool) -> None:
    assert Preview(count, 30, ()).too_many is too_many


def test_the_days_that_are_asked_for_are_counted_and_three_are_shown_with_why(tmp_path: Path) -> None:
    clock = FakeClock(NOON + timedelta(hours=1))
    store = a_store(tmp_path, clock)
    try:
        for n in range(21):
            archive(store, f"item{n}", published=NOON - timedelta(minutes=n))
        archive(store, "older", published=NOON - timedelta(days=40))
        with store.reading() as session:
            day, month, ever = (
                would_have_matched(session, "theme:energy", clock.now(), days) for days in (1, 30, 365)
            )
    finally:
        store.close()
    assert (day.count, month.count, ever.count) == (21, 21, 22)
    assert (day.too_many, month.too_many) == (True, False)
    assert len(day.examples) == 3
    assert {each.clause for item in day.examples for each in day.why[item.item_id]} == {"theme:energy"}
