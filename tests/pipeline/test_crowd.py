"""Fifty readers at once, and clients that only cost: the pipeline beside them goes on, and memory comes back."""

import re
import socket
import threading
from collections import Counter
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

import pytest

from shared.archive.store import write
from shared.items import Purpose
from tests.fakes import FakeClock, a_store
from tests.pipeline.feeds import Entry, now, rss
from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.mailbox import Mailbox
from tests.servers import FeedServer
from tests.unit.portal.site import a_german_item

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

READERS, ITEMS = 50, 2_000
PATHS = (
    "/de/",
    "/de/search?q=Netz",
    "/fr/search?q=Netz+lernen",
    "/en/search?theme=energy",
    "/api/v1/items?limit=200",
    "/de/search.atom?q=Netz",
    "/de/search.csv",
    "/de/search.json",
    "/de/sources",
)


def resident(pid: int) -> float:
    """Megabytes."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text("ascii"))
    assert found is not None
    return int(found[1]) / 1024


def ask(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def filled(folder: Path) -> None:
    """An archive as a data folder of the product."""
    store = a_store(folder)
    with store.writing() as session:
        for number in range(ITEMS):
            text = "Wort und Wort " * 80
            item = a_german_item(f"netz{number}", title=f"KI steuert das Netz {number}", text=text)
            write(session, item, Purpose.BACKFILL, FakeClock().now())
    store.close()


class Crowd:
    """Readers who ask for one page after the other until they are told to end."""

    def __init__(self, port: int) -> None:
        self.statuses: Counter[int] = Counter()
        self._port, self._ending = port, threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(number,)) for number in range(READERS)]

    def _read(self, turn: int) -> None:
        while not self._ending.is_set():
            try:
                status = ask(self._port, PATHS[turn % len(PATHS)])
            except OSError:
                status = 0  # let go without a word
            self.statuses[status] += 1
            turn += 1

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join()


def test_memory_after_fifty_readers_returns_to_one_and_a_half_times_its_start(tmp_path: Path) -> None:
    filled(tmp_path / "data")
    with Vigie(tmp_path, afresh=True) as vigie:
        vigie.start_one("--alone", "portal")
        wait_until(lambda: answers(vigie.port), 60, "the portal")
        start = resident(vigie.only.pid)
        with Crowd(vigie.port) as crowd:
            wait_until(lambda: crowd.statuses[200] > 200, 200, "two hundred pages")
        assert set(crowd.statuses) == {200}
        wait_until(lambda: resident(vigie.only.pid) <= 1.5 * start, 60, f"{1.5 * start:.0f} MB")


def test_a_mail_leaves_while_fifty_read_and_hundreds_only_hold_connections(tmp_path: Path) -> None:
    filled(tmp_path / "data")
    entry = Entry("wind", "Neuer Windpark vor Rügen", "Die Turbinen speisen Strom und Energie ins Netz.", now())
    with FeedServer() as site, Mailbox() as mailbox, Vigie(tmp_path, VIGIE_SMTP_URL=mailbox.url) as vigie:
        site.serve("/feed.xml", rss([Entry("alt", "Kinder malen", "Die Bilder hängen im Foyer.", now())]))
        vigie.sources(("haus", site.url("/feed.xml")))
        person = ("people", "add", "leser@example.org", "--query", "theme:energy", "--every", "instant")
        vigie.command(*person, "--confirmed")
        vigie.start()
        wait_until(lambda: answers(vigie.port), 60, "the portal")
        wait_until(lambda: site.asked("/feed.xml"), 60, "the first poll")
        with ExitStack() as stack, Crowd(vigie.port) as crowd:
            for number in range(400):
                silent = stack.enter_context(socket.create_connection(("127.0.0.1", vigie.port)))
                silent.sendall(
                    b"GET /de/search.json HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"\r\n" * (number % 40 == 0)
                )
            site.serve("/feed.xml", rss([entry]))
            wait_until(lambda: any("Windpark" in text for text in mailbox.texts()), 120, "the mail")
            wait_until(lambda: crowd.statuses[200] > READERS, 120, "readers to be served beside them")
            wait_until(lambda: vigie.status()["ok"], 60, "a status without anything red")
        assert set(crowd.statuses) <= {200, 503}


def answers(port: int) -> bool:
    try:
        return ask(port, "/readyz") == 200
    except OSError:
        return False
