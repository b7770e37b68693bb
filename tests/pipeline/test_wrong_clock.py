"""The product on a clock that is ahead, by days or years, and is put right while it runs, or while it does not."""

from pathlib import Path

import pytest

from tests.pipeline.feeds import Entry, now, rss
from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.mailbox import Mailbox
from tests.servers import FeedServer

LIBRARY = "*/faketime/libfaketimeMT.so.1"
SOON = 90.0  # seconds on a busy machine
pytestmark = [pytest.mark.long, pytest.mark.slow]


@pytest.fixture
def library() -> str:
    found = next(Path("/usr/lib").glob(LIBRARY), None)
    if found is None:
        pytest.skip("libfaketime is not installed: apt-get install libfaketime")
    return str(found)


class Clock:
    """The clock of the processes that are started with `settings`."""

    def __init__(self, folder: Path, library: str) -> None:
        self._file = folder / "clock"
        self.settings = {
            "LD_PRELOAD": library,
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self.set(0)

    def set(self, days: int) -> None:
        """So many days ahead of the machine's, from now on."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"+{days}d\n")
        fresh.replace(self._file)


@pytest.mark.parametrize("running", [True, False], ids=["while it runs", "between two runs"])
@pytest.mark.parametrize("days", [3, 3650], ids=["days", "years"])
def test_a_clock_that_was_ahead_and_is_put_right_stops_nothing(
    tmp_path: Path, library: str, days: int, running: bool
) -> None:
    clock = Clock(tmp_path, library)
    entries = [Entry("eins", "Ein Leuchtturm am Hafen", "Er leuchtet.", now())]
    with FeedServer() as site, Mailbox() as mailbox:
        settings = {"VIGIE_SMTP_URL": mailbox.url, "VIGIE_INSTANT_PER_HOUR": "0", "VIGIE_MODEL": "lexicon"}
        with Vigie(tmp_path, afresh=True, **settings, **clock.settings) as vigie:
            site.serve("/feed.xml", rss(entries))
            vigie.sources(("haus", site.url("/feed.xml")), interval=2)
            vigie.start()
            wait_until(lambda: len(vigie.items()) == 1, SOON, "the first item")
            clock.set(days)
            vigie.command(
                "people", "add", "leser@example.org", "--query", "Leuchtturm", "--every", "instant", "--confirmed"
            )
            entries.insert(0, Entry("zwei", "Ein zweiter Leuchtturm", "Er auch.", now()))
            site.serve("/feed.xml", rss(entries))
            wait_until(lambda: len(vigie.items()) == 2, SOON, "an item by the clock that is ahead")
            if not running:
                vigie.stop()
            clock.set(0)
            entries.insert(0, Entry("drei", "Ein dritter Leuchtturm", "Und dieser.", now()))
            site.serve("/feed.xml", rss(entries))
            if not running:
                vigie.start()
            wait_until(
                lambda: len(mailbox.mails) == 2, SOON, "mail of what was held by the wrong clock, and of news"
            )
            wait_until(lambda: "clock.stepped" in found(vigie), SOON, "the step in the findings")
            wait_until(lambda: not red(vigie), SOON, "nothing red")
            assert len(vigie.items()) == 3
            assert len(mailbox.mails) == 2
    assert {"Ein dritter Leuchtturm", "Ein zweiter Leuchtturm"} == {
        entry.title for entry in entries for text in mailbox.texts() if entry.title in text
    }


def found(vigie: Vigie) -> list[str]:
    return [finding["id"] for finding in vigie.status()["findings"]]


def red(vigie: Vigie) -> list[str]:
    return [finding["id"] for finding in vigie.status()["findings"] if finding["weight"] == "red"]
