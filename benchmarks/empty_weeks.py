"""How long does the search for subscriptions that brought nothing for weeks take, among 100,000?

One person has one subscription; most of them found something of late, the others are silent, of which the first
round tells some. Times are of the processor, of this process, for one thread.

example: python benchmarks/empty_weeks.py
example: python benchmarks/empty_weeks.py --subscriptions 10000 --found 10
"""

# ruff: noqa: T201 - a benchmark prints

import argparse
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from shared.store import Store
from shared.store.migrate import upgrade
from shared.subscriptions.widening import tell_of_emptiness

NOW = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
BEFORE, LATELY = NOW - timedelta(days=300), NOW - timedelta(days=3)
_NUMBERS = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :most) "


class Clock:
    """It stands."""

    def now(self) -> datetime:
        return NOW


def fill(store: Store, subscriptions: int, found: int) -> None:
    """Nine in ten found `found` stories each, half of them long ago."""
    people = "INSERT INTO people (id, address, language, zone, created_at) "
    wishes = (
        "INSERT INTO subscriptions (id, person, query, every, language, end_reason, requested_at, confirmed_at) "
    )
    matches = "INSERT INTO matches (id, person, story, item_id, every, matched_at, due_at) "
    links = "INSERT INTO match_subscriptions (match_id, subscription, every, reasons) "
    told = subscriptions * 9 // 10
    whose = f"'p' || (n % {told} + 1)"
    statements = (
        people + _NUMBERS + "SELECT 'p' || n, n || '@example.org', 'de', 'Europe/Berlin', :before FROM n",
        wishes
        + _NUMBERS
        + "SELECT 'p' || n, 'p' || n, 'theme:energy', 'daily', 'de', '', :before, :before FROM n",
        matches + _NUMBERS + f"SELECT n, {whose}, 's' || n, 'i', 'daily', iif(n * 2 < :most, :before, :lately), "
        ":before FROM n",
        links + _NUMBERS + f"SELECT n, {whose}, 'daily', '[]' FROM n",
    )
    with store.engine.begin() as connection:
        for statement in statements:
            most = subscriptions if "people" in statement or "subscriptions (id" in statement else told * found
            at = {"most": most, "before": _written(BEFORE), "lately": _written(LATELY)}
            wanted = {name: value for name, value in at.items() if f":{name}" in statement}
            connection.execute(text(statement), wanted)


def _written(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subscriptions", type=int, default=100_000)
    parser.add_argument("--found", type=int, default=10, help="stories of each that found some")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'vigie.db'}"
        upgrade(url)
        with closing(Store(url, Clock())) as store:
            fill(store, args.subscriptions, args.found)
            for number in (1, 2):
                begun = time.process_time()
                more = tell_of_emptiness(store)
                took = time.process_time() - begun
                with store.reading() as session:
                    told = session.execute(text("SELECT count(*) FROM deliveries")).scalar_one()
                print(f"step {number}: {took:.2f} s, {told:,} told{', and there are more' if more else ''}")


if __name__ == "__main__":
    main()
