"""`bus.db` is deleted or damaged while records wait in it: it is red and said, and a restart brings them again."""

import os
from pathlib import Path

import pytest

from tests.pipeline.feeds import Entry, now, rss
from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.mailbox import Mailbox
from tests.servers import FeedServer

SOON = 90.0  # seconds on a busy machine
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("how", ["deleted while it runs", "deleted between two runs", "damaged"])
def test_what_waited_in_a_lost_bus_is_mailed_once_after_a_restart(tmp_path: Path, how: str) -> None:
    entries = [Entry("eins", "Ein Leuchtturm am Hafen", "Er leuchtet.", now())]
    with FeedServer() as site, Mailbox() as mailbox:
        settings = {"VIGIE_SMTP_URL": mailbox.url, "VIGIE_INSTANT_PER_HOUR": "0", "VIGIE_MODEL": "lexicon"}
        with Vigie(tmp_path, **settings) as vigie:
            site.serve("/feed.xml", rss(entries))
            vigie.sources(("haus", site.url("/feed.xml")), interval=1)
            vigie.command("migrate")
            vigie.command(
                "people", "add", "leser@example.org", "--query", "Leuchtturm", "--every", "instant", "--confirmed"
            )
            vigie.start()
            wait_until(lambda: mailbox.mails, SOON, "the first mail")
            vigie.stop()
            vigie.start("collector", "portal")  # nobody reads what it collects
            entries.insert(0, Entry("zwei", "Ein zweiter Leuchtturm", "Er auch.", now()))
            site.serve("/feed.xml", rss(entries))
            wait_until(lambda: vigie.status()["stages"]["classifier"]["backlog"] == 1, SOON, "a record that waits")
            lose(vigie, tmp_path / "data", how)
            vigie.start()
            wait_until(lambda: "bus.renewed" in said(vigie), SOON, "the notice")
            wait_until(lambda: len(mailbox.mails) == 2, SOON, "the second mail")
            assert len(vigie.items()) == 2
            vigie.command("status", "--clear", "bus.renewed", check=False)
            assert "bus.renewed" not in said(vigie)
            assert "Traceback" not in vigie.log.read_text("utf-8")
    assert len(mailbox.mails) == 2
    assert all(len(mails_with(mailbox, entry.title)) == 1 for entry in entries)


def lose(vigie: Vigie, data: Path, how: str) -> None:
    if how == "damaged":
        vigie.stop()
        files = list(data.glob("bus.db*"))
        (data / "bus.db").write_bytes(os.urandom(100_000))
        for file in data.glob("bus.db-*"):
            file.unlink()
        assert "bus.db is damaged" in vigie.output("status")
        vigie.start()
        wait_until(lambda: "bus.db is damaged" in vigie.log.read_text("utf-8"), SOON, "the sentence")
        vigie.stop()
    else:
        files = list(data.glob("bus.db*"))
        if how == "deleted between two runs":
            vigie.stop()
    for file in files:
        file.unlink(missing_ok=True)
    if vigie.processes:
        wait_until(lambda: "restart Vigie" in errors(vigie), SOON, "a red status")
        vigie.stop()


def said(vigie: Vigie) -> list[str]:
    return [finding["id"] for finding in vigie.status()["findings"]]


def errors(vigie: Vigie) -> str:
    """What the heartbeats say; the command itself has made a new file meanwhile."""
    return " ".join(str(stage["error"]) for stage in vigie.status()["stages"].values())


def mails_with(mailbox: Mailbox, title: str) -> list[str]:
    return [text for text in mailbox.texts() if title in text]
