"""Who restores, or starts on a copied data folder, mails nothing twice and nobody who left or was erased.

The product in its own processes, a real web server, a real SMTP server, on both kinds of installation.
"""

import random
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.pipeline.feeds import Entry, now, rss
from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.mailbox import Mailbox
from tests.pipeline.test_kill import WORDS
from tests.servers import FeedServer
from tests.sizes import sizes

STAYS, LEAVES, ERASED = "bleibt@example.org", "geht@example.org", "weg@example.org"


def lighthouse(name: str) -> Entry:
    """An entry that the readers wait for, with words of its own."""
    dice = random.Random(name)
    title = f"Leuchtturm {name}: {' '.join(dice.sample(WORDS, 6))}"
    return Entry(name, title, " ".join(dice.sample(WORDS, 25)), now())


class Town:
    """A publisher, its readers' mailboxes, and what was published so far."""

    def __init__(self, site: FeedServer, mailbox: Mailbox, vigie: Vigie, patience: float = 60) -> None:
        self.site, self.mailbox, self.vigie, self.patience = site, mailbox, vigie, patience
        self.entries: list[Entry] = []
        self._read: list[tuple[str, str]] = []  # recipient and text of the mails, each read once

    def publish(self, *names: str) -> None:
        self.entries = [*map(lighthouse, names), *self.entries]
        self.site.serve("/feed.xml", rss(self.entries))

    def got(self, address: str, name: str) -> int:
        """How many mails to the address carry the entry."""
        for mail in self.mailbox.mails[len(self._read) :]:
            self._read.append((str(mail["To"]), str(mail.get_body(("plain",)).get_content())))  # type: ignore[union-attr]
        return sum(f"Leuchtturm {name}:" in text for to, text in self._read if to == address)

    def arrives(self, name: str, *addresses: str) -> None:
        wait_until(
            lambda: all(self.got(each, name) for each in addresses), self.patience, f"{name} at {addresses}"
        )

    def subscribe(self, *addresses: str) -> None:
        for each in addresses:
            chosen = ("--query", "Leuchtturm", "--every", "instant", "--confirmed")
            self.vigie.command("people", "add", each, *chosen)

    def leave(self, address: str) -> None:
        """One click on the link of the newest mail."""
        mail = next(mail for mail in reversed(self.mailbox.mails) if mail["To"] == address)
        link = urlsplit(re.sub(r"[<>]", "", mail["List-Unsubscribe"]))
        connection = HTTPConnection("127.0.0.1", self.vigie.port, timeout=20)
        head = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", link.path, "List-Unsubscribe=One-Click", head)
        assert connection.getresponse().status == 200
        connection.close()

    def quiet(self) -> None:
        """Everything was read: two polls after now, and no stage has anything to do."""
        polls = len(self.site.answers("/feed.xml"))
        wait_until(lambda: len(self.site.answers("/feed.xml")) >= polls + 3, self.patience, "further polls")
        wait_until(self._nothing_waits, self.patience, "quiet")

    def _nothing_waits(self) -> bool:
        return not any(stage["backlog"] for stage in self.vigie.status()["stages"].values())


def journal_knows(vigie: Vigie, word: str, number: int) -> bool:
    journal = vigie.folder / "data.journal"
    return journal.read_text("utf-8").count(f'"{word}"') >= number


@sizes(20, 1000)
@pytest.mark.slow
def test_a_restored_installation_mails_nothing_twice_and_nobody_who_left(
    installed: Callable[..., Vigie], tmp_path: Path, size: int
) -> None:
    settings = {"VIGIE_INSTANT_PER_HOUR": "0"}
    with FeedServer() as site, Mailbox() as mailbox, installed(VIGIE_SMTP_URL=mailbox.url, **settings) as vigie:
        town = Town(site, mailbox, vigie, patience=60 + size)
        town.publish("eins")
        vigie.sources(("haus", site.url("/feed.xml")), interval=1)
        vigie.command("migrate")
        town.subscribe(STAYS, LEAVES, ERASED)
        vigie.start()
        town.arrives("eins", STAYS, LEAVES, ERASED)

        with ThreadPoolExecutor(1) as pool:  # under load
            load = [f"last-{number}" for number in range(size)]
            pool.submit(town.publish, *load)
            vigie.command("backup", str(tmp_path / "backup.zip"))
        town.arrives(load[-1], STAYS, LEAVES, ERASED)
        town.leave(LEAVES)
        vigie.command("people", "erase", ERASED)
        town.publish("zwei")
        town.arrives("zwei", STAYS)
        wait_until(lambda: journal_knows(vigie, "ended", 2), 10, "the journal knows who left")
        vigie.kill()
        before = len(mailbox.mails)

        vigie.command("restore", str(tmp_path / "backup.zip"), "--replace")
        vigie.start()
        town.quiet()
        assert len(mailbox.mails) == before
        assert [one["id"] for one in vigie.status()["findings"] if one["id"] == "store.restored"]
        assert ERASED not in vigie.command("people", "list")
        assert "0 active of 1" in next(x for x in vigie.command("people", "list").splitlines() if LEAVES in x)

        town.publish("drei")
        town.arrives("drei", STAYS)
        vigie.command("deliveries", "release", "--all")
        town.arrives("zwei", STAYS)
        town.quiet()
        assert {mail["To"] for mail in mailbox.mails[before:]} == {STAYS}
        assert [town.got(each, "drei") for each in (STAYS, LEAVES, ERASED)] == [1, 0, 0]


@pytest.mark.slow
def test_a_copied_data_folder_mails_nothing_while_the_original_goes_on(tmp_path: Path) -> None:
    settings = {"VIGIE_INSTANT_PER_HOUR": "0"}
    with (
        FeedServer() as site,
        Mailbox() as mailbox,
        Vigie(tmp_path, VIGIE_SMTP_URL=mailbox.url, **settings) as vigie,
    ):
        town = Town(site, mailbox, vigie)
        town.publish("eins")
        vigie.sources(("haus", site.url("/feed.xml")), interval=1)
        vigie.command("migrate")
        town.subscribe(STAYS, LEAVES)
        vigie.start()
        town.arrives("eins", STAYS, LEAVES)
        (tmp_path / "elsewhere").mkdir()
        shutil.copytree(tmp_path / "data", tmp_path / "elsewhere" / "data")
        town.publish("zwei")
        town.arrives("zwei", STAYS, LEAVES)
        town.leave(LEAVES)
        wait_until(lambda: len(mailbox.mails) == 5, 60, "the mail that says so")
        before = len(mailbox.mails)

        with Vigie(tmp_path / "elsewhere", VIGIE_SMTP_URL=mailbox.url, **settings) as copy:
            copy.environ["VIGIE_SOURCES"] = vigie.environ["VIGIE_SOURCES"]
            copy.start()
            wait_until(lambda: copy.status()["deliveries"].get("held"), 60, "the copy holds its mails")
            town.quiet()
            assert len(mailbox.mails) == before
            said = [one for one in copy.status()["findings"] if one["id"] == "store.restored"]
            assert "no journal at" in said[0]["reason"]
            copy.stop()
        town.publish("drei")
        town.arrives("drei", STAYS)

        vigie.kill()  # the same folder put back by hand, beside the journal that stayed
        shutil.rmtree(tmp_path / "data")
        shutil.copytree(tmp_path / "elsewhere" / "data", tmp_path / "data")
        vigie.start()
        town.quiet()
        assert len(mailbox.mails) == before + 1
        assert "0 active of 1" in next(x for x in vigie.command("people", "list").splitlines() if LEAVES in x)
