"""A standby takes over from the primary while items come: nobody helps, nothing is lost, nothing is doubled."""

import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from shared.store.migrate import upgrade
from tests.forwarder import Forwarder
from tests.pair import Pair
from tests.pipeline.feeds import rss
from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.mailbox import Mailbox
from tests.pipeline.test_kill import check_mails, entries_of, settled, wanted_of
from tests.servers import FeedServer

BACK = 30.0  # seconds: the promise
PER_ROUND = 40
pytestmark = [pytest.mark.long, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def pair() -> Iterator[Pair]:
    servers = Pair()
    yield servers
    servers.remove()


@pytest.fixture
def moving(pair: Pair) -> Iterator[Forwarder]:
    with Forwarder(pair.primary.port) as address:
        yield address


@pytest.mark.parametrize("one_address", [False, True], ids=["several hosts", "one address that moves"])
@pytest.mark.parametrize("former", ["silent", "read-only"])
def test_a_switch_over_costs_half_a_minute_and_nothing_else(
    tmp_path: Path, pair: Pair, moving: Forwarder, former: str, one_address: bool
) -> None:
    """`former` is what becomes of the primary."""
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown by pytest with a failure
    entries = entries_of(4 * PER_ROUND, random.Random(seed))
    hosts = f"127.0.0.1:{moving.port}" if one_address else f"127.0.0.1:{pair.primary.port},127.0.0.1:{pair.port}"
    upgrade(f"{pair.primary.url}/postgres")
    with FeedServer() as site, Mailbox() as mailbox:
        settings = {
            "VIGIE_DATABASE_URL": f"postgresql+psycopg://vigie@{hosts}/postgres",
            "VIGIE_SMTP_URL": mailbox.url,
            "VIGIE_INSTANT_PER_HOUR": "0",
            "VIGIE_LOG_LEVEL": "warning",
        }
        with Vigie(tmp_path, **settings) as vigie:
            site.serve("/feed.xml", rss([]))
            vigie.sources(("haus", site.url("/feed.xml")), interval=1)
            vigie.start()
            vigie.command(
                "people", "add", "leser@example.org", "--query", "Leuchtturm", "--every", "instant", "--confirmed"
            )
            site.serve("/feed.xml", rss(entries[:PER_ROUND]))
            wait_until(
                lambda: archived(pair, pair.primary.port) >= PER_ROUND, 60, "the first items in the archive"
            )
            site.serve("/feed.xml", rss(entries[: 2 * PER_ROUND]))
            wait_until(lambda: archived(pair, pair.primary.port) > PER_ROUND, 60, "the archivist at work")
            {"silent": pair.silence, "read-only": pair.make_read_only}[former]()
            site.serve("/feed.xml", rss(entries[: 3 * PER_ROUND]))
            time.sleep(5)
            pair.promote()
            if one_address:
                moving.move(pair.port)
            since = time.monotonic()
            wait_until(lambda: archived(pair, pair.port) >= 3 * PER_ROUND, 2 * BACK, "items at the new primary")
            took = time.monotonic() - since
            site.serve("/feed.xml", rss(entries))
            wait_until(lambda: archived(pair, pair.port) >= len(entries), 60, "every item in the archive")
            wait_until(lambda: settled(vigie.status(), wanted_of(entries)), 60, "no backlog and no open delivery")
            wait_until(lambda: green(vigie.status()), 60, "every stage alive and green")
            items, ledger = vigie.items(), vigie.status()["deliveries"]
            assert vigie.only.poll() is None
            said = vigie.log.read_text("utf-8")
    print(f"{former}, {hosts}: back after {took:.1f} s")  # noqa: T201 - the figure
    assert took < BACK
    assert "the worker ends itself" not in said
    assert "Traceback" not in said
    wanted = wanted_of(entries)
    assert Counter(item["title"] for item in items) == Counter(entry.title for entry in entries)
    check_mails(mailbox, wanted, ledger["unknown"])
    assert (ledger["sent"], ledger["failed"], ledger["held"], ledger["unknown"]) == (len(wanted), 0, 0, 0)


def archived(pair: Pair, port: int) -> int:
    return int(pair.ask(port, "SELECT count(*) FROM items"))


def green(status: Mapping[str, Mapping[str, Mapping[str, object]]]) -> bool:
    return all(stage["alive"] and not stage["error"] for stage in status["stages"].values())
