"""What fifty readers leave behind in the memory of a portal that runs as a process of its own."""

import re
import threading
from http.client import HTTPConnection
from pathlib import Path

import pytest

from shared.archive.store import write
from shared.items import Purpose
from tests.fakes import FakeClock, a_store
from tests.pipeline.harness import Vigie, wait_until
from tests.unit.portal.site import a_german_item

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

READERS, TURNS, ITEMS = 50, 4, 2_000
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


def test_memory_after_fifty_readers_returns_to_one_and_a_half_times_its_start(tmp_path: Path) -> None:
    store = a_store(tmp_path / "data")
    with store.writing() as session:
        for number in range(ITEMS):
            item = a_german_item(
                f"netz{number}", title=f"KI steuert das Netz {number}", text="Wort und Wort " * 80
            )
            write(session, item, Purpose.LIVE, FakeClock().now())
    store.close()
    with Vigie(tmp_path) as vigie:
        vigie.start_one("--alone", "portal")
        wait_until(lambda: answers(vigie.port), 60, "the portal")
        start = resident(vigie.only.pid)
        statuses: list[int] = []

        def read(number: int) -> None:
            for turn in range(TURNS):
                statuses.append(ask(vigie.port, PATHS[(number + turn) % len(PATHS)]))

        readers = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        assert statuses == [200] * READERS * TURNS
        wait_until(lambda: resident(vigie.only.pid) <= 1.5 * start, 60, f"{1.5 * start:.0f} MB")


def answers(port: int) -> bool:
    try:
        return ask(port, "/readyz") == 200
    except OSError:
        return False
