"""A publisher whose clock runs ahead: its dates prove nothing about what we have."""

from datetime import timedelta

from tests.pipeline.feeds import Entry, rss
from tests.unit.collector.conftest import Bench


def test_a_date_that_has_not_come_is_no_newest_one_and_no_day_since_when_all_is_held(bench: Bench) -> None:
    ahead = Entry("neu", "Titel", "Ein Text.", bench.clock.now() + timedelta(days=400))
    bench.site.serve("/feed.xml", rss([ahead]))
    bench.add()
    bench.poll()
    row = bench.row()
    assert (row.items, row.newest_published, row.complete_since) == (1, None, None)
