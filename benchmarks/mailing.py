"""How many mails leave in a second, composed and sent, beside smtplib with the same messages ready-made?

Ours is the notifier's senders as they run: claim, consent, letter, both parts, journal, relay, result. Bare is
`smtplib.SMTP.sendmail` in a loop over one connection, with the bytes that ours would send. Both send to a server
on loopback in a process of its own. The sending process is held to one core, the server to another where there is
one. Rounds are taken in turn. On a busy machine both wait for the server's core more than for their own: then the
processor time of the sending process tells more than rates.

example: python benchmarks/mailing.py
example: python benchmarks/mailing.py --people 200 --items 5 --rounds 15
example: python benchmarks/mailing.py --relay smtp://127.0.0.1:2525
"""

# ruff: noqa: T201 - a benchmark prints

import argparse
import multiprocessing
import os
import smtplib
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from common.items import invented
from common.rounds import HEADING, compare
from sqlalchemy import update
from sqlmodel import col, select

from services.notifier.app import TICK, open_keeper
from services.notifier.assign import assign
from services.notifier.compose import compose
from services.notifier.gather import letters_of
from services.notifier.letters import Letter
from services.notifier.matching import Matcher
from services.notifier.senders import deliveries
from services.notifier.templates import load_templates
from shared.archive.store import archived_item, write
from shared.config import Settings
from shared.items import Purpose
from shared.runtime import LoopService
from shared.store import Store
from shared.store.migrate import upgrade
from shared.subscriptions import lifecycle
from shared.subscriptions.keyring import known_keys, made_keys
from shared.subscriptions.links import Links
from shared.subscriptions.tables import DeliveryRow
from shared.subscriptions.words import State

Ready = Sequence[tuple[str, str, bytes]]  # sender, recipient, content


class Counting:
    """A handler that takes every mail and counts it where the other process sees it."""

    def __init__(self, taken: Any) -> None:
        self._taken = taken

    async def handle_DATA(self, *_: Any) -> str:
        self._taken.value += 1
        return "250 OK"


def serve(port: int, taken: Any, core: int | None) -> None:
    """The server's process, until it is ended."""
    if core is not None:
        os.sched_setaffinity(0, {core})
    Controller(Counting(taken), hostname="127.0.0.1", port=port).start()
    time.sleep(86_400)


@contextmanager
def relay(given: str | None, core: int | None) -> Iterator[str]:
    """A server of its own, or the one that is there."""
    if given:
        yield given
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    taken = multiprocessing.Value("i", 0, lock=False)
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(port, taken, core), daemon=True)
    server.start()
    try:
        until = time.monotonic() + 20
        while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < until:
            time.sleep(0.1)
        yield f"smtp://127.0.0.1:{port}"
    finally:
        server.kill()
        server.join()


class World:
    """An installation with so many mails that are due: each person gets each item at once."""

    def __init__(self, folder: Path, url: str, people: int, items: int) -> None:
        self.settings = Settings(
            data_dir=folder / "data",
            journal=folder / "journal",
            smtp_url=url,
            mail_from="Vigie <vigie@example.org>",
            public_url="https://vigie.example.org",
            instance="bench",
        )
        upgrade(self.settings.store_url)
        self.store = Store(self.settings.store_url)
        with self.store.writing() as session:
            self._keys = made_keys(session, self.settings)
            for n in range(people):
                wish = (f"reader{n}@example.org", "", "instant", ("de", "fr", "en")[n % 3])
                lifecycle.add_confirmed(session, self.store.now(session), *wish, keys=self._keys)
        with self.store.writing() as session:
            now = self.store.now(session)
            some = invented(items)
            for classified in some:
                write(session, classified, Purpose.LIVE, now)
        with self.store.reading() as session:
            news = [archived_item(session, classified.item.item_id) for classified in some]
        Matcher(self.store).match([item for item in news if item is not None])
        while assign(self.store, 0):
            pass
        self.count = people * items

    def ready_made(self) -> Ready:
        """The messages as ours sends them."""
        with self.store.reading() as session:
            rows = session.exec(select(DeliveryRow)).all()
            letters = letters_of(session, rows, self.store.now(session)).values()
            links = Links(self.settings.portal_url, known_keys(session, self.settings))
        made, templates = [], load_templates()
        for letter in letters:
            assert isinstance(letter, Letter)
            now = datetime(2026, 11, 1, tzinfo=UTC)
            mail = compose(letter, sender=self.settings.mail_from, links=links, templates=templates, now=now)
            made.append((mail.sender, mail.recipient, mail.as_bytes()))
        return made

    def send(self) -> float:
        """All are due again; mails a second."""
        with self.store.writing() as session:
            session.execute(update(DeliveryRow).values(state=State.PENDING, sent_at=None))
        service = LoopService(
            "bench", deliveries(self.settings, self.store, open_keeper(self.settings, self.store), TICK)
        )
        begun = time.perf_counter()
        service.start()
        while self._unsent():
            time.sleep(0.02)
        took = time.perf_counter() - begun
        service.stop(10)
        return self.count / took

    def _unsent(self) -> bool:
        """Asked of an index: the question must not cost what is measured."""
        open_ = select(DeliveryRow.id).where(col(DeliveryRow.state).in_((State.PENDING, State.SENDING))).limit(1)
        with self.store.reading() as session:
            return session.exec(open_).first() is not None


def bare(url: str, ready: Ready) -> float:
    """The yardstick; mails a second."""
    where = urlsplit(url)
    begun = time.perf_counter()
    with smtplib.SMTP(where.hostname or "", where.port or 25, local_hostname="bench.example.org") as connection:
        for sender, recipient, content in ready:
            connection.sendmail(sender, [recipient], content)
    return len(ready) / (time.perf_counter() - begun)


class Metered:
    """Does a piece of work, and keeps its processor time in this process, ms a mail."""

    def __init__(self, work: Callable[[], float], mails: int) -> None:
        self._work, self._mails = work, mails
        self.used: list[float] = []

    def __call__(self) -> float:
        begun = time.process_time()
        rate = self._work()
        self.used.append(1000 * (time.process_time() - begun) / self._mails)
        return rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--items", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument(
        "--relay", help="smtp://host:port of a server that takes everything; default: one of its own"
    )
    args = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[0]})
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder, relay(args.relay, cores[-1]) as url:
        world = World(Path(folder), url, args.people, args.items)
        with closing(world.store):
            ready = world.ready_made()
            size = sum(len(content) for *_, content in ready) / len(ready)
            print(f"mails of {size / 1000:.1f} kB a second, median of the rounds (least - most); ratio: median")
            print(HEADING)
            bare(url, ready)
            world.send()
            sides = [Metered(lambda: bare(url, ready), len(ready)), Metered(world.send, len(ready))]
            compared = compare(*sides, args.rounds)
            print(compared.row(f"{len(ready)} mails a round"))
            ratio = statistics.median(compared.ours) / statistics.median(compared.bare)
            used = [statistics.median(side.used) for side in sides]
            print(f"ratio of medians {ratio:.2f}; processor, ms a mail: bare {used[0]:.2f}, ours {used[1]:.2f}")


if __name__ == "__main__":
    main()
