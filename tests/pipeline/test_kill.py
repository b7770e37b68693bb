"""kill -9 at random moments: nothing is lost, nothing is doubled but in the one window that the ledger counts."""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from tests.pipeline.feeds import Entry, now, rss
from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.mailbox import Mailbox
from tests.servers import FeedServer
from tests.sizes import sizes


@dataclass(frozen=True)
class Ordeal:
    """So many kills, each while a feed of its own brings its part of the items."""

    kills: int
    items: int  # on one machine
    beyond: int  # items with Kafka and PostgreSQL


SMALL = Ordeal(3, 60, 90)
FULL = Ordeal(20, 2_000, 10_000)
WORDS = (
    "Brücke Garten Hafen Insel Kanal Laterne Markt Nebel Ofen Platz Quelle Regen Stein Turm Ufer Wald "
    "Anker Birke Dorf Esche Fluss Grube Hügel Kiesel Linde Mühle Nuss Otter Pferd Rinde Segel Tanne Uhr "
    "Vogel Wiese Zaun Acker Boot Dach Eule Feder Glocke Hirsch Kessel Leiter Moos Nagel Orgel Pfad Rabe "
    "Schnee Tinte Veilchen Wagen Ziegel "
).split()


def entries_of(count: int, dice: random.Random) -> list[Entry]:
    """Different texts, every tenth with the word that the subscriber waits for.

    Each states a figure of its own: heaps of words are near one another in meaning, but figures tell them apart.
    They begin beyond the years, which tell nothing apart.
    """
    made = []
    for number in range(count):
        title = (
            " ".join(dice.sample(WORDS, 7)) + (" Leuchtturm" if number % 10 == 0 else "") + f" {10_000 + number}"
        )
        made.append(Entry(f"n{number}", title, " ".join(dice.sample(WORDS, 25)), now(), guid=f"guid-{number}"))
    return made


@pytest.mark.slow
@sizes(SMALL, FULL, seconds=7200)
def test_kills_while_items_come_lose_and_double_nothing(
    spread: Callable[..., Vigie], dice: random.Random, size: Ordeal
) -> None:
    with FeedServer() as site, Mailbox() as mailbox:
        settings = {"VIGIE_SMTP_URL": mailbox.url, "VIGIE_INSTANT_PER_HOUR": "0", "VIGIE_LOG_LEVEL": "warning"}
        with spread(**settings) as vigie:
            vigie.afresh = size is FULL
            entries = entries_of(size.items if vigie.together else size.beyond, dice)
            for feed in range(size.kills):
                site.serve(f"/{feed}.xml", rss([]))
            vigie.sources(*((f"feed{n}", site.url(f"/{n}.xml")) for n in range(size.kills)), interval=1)
            vigie.command("migrate")
            vigie.command(
                "people", "add", "leser@example.org", "--query", "Leuchtturm", "--every", "instant", "--confirmed"
            )
            vigie.start()
            for feed in range(size.kills):
                before, part = vigie.count(), entries[feed :: size.kills]
                site.serve(f"/{feed}.xml", rss(part))
                wait_for_items(vigie, before + dice.randrange(-len(part) // 4, len(part)))
                time.sleep(dice.uniform(0.0, 1.0))
                victim = dice.choice(sorted(vigie.processes))
                vigie.kill(victim)
                vigie.start_one(*victim.split())
            wait_for_items(vigie, len(entries))
            wait_until(lambda: settled(vigie.status(), wanted_of(entries)), 200, "no backlog and no open delivery")
            items, ledger = vigie.items(), vigie.status()["deliveries"]
    wanted = wanted_of(entries)
    assert Counter(item["title"] for item in items) == Counter(entry.title for entry in entries)
    check_mails(mailbox, wanted, ledger["unknown"])
    assert (ledger["sent"], ledger["failed"], ledger["held"]) == (len(wanted), 0, 0)


def wait_for_items(vigie: Vigie, count: int) -> None:
    """Until they are there, however slow the machine is; fails where not one comes for minutes."""
    there = vigie.count()
    while there < count:
        what = f"{count} items in the archive; it stands at {there}"
        there = wait_until(lambda had=there: (now := vigie.count()) > had and now, 400, what)


def wanted_of(entries: Sequence[Entry]) -> set[str]:
    """The titles that the subscriber waits for."""
    return {entry.title for entry in entries if "Leuchtturm" in entry.title}


def settled(status: dict, wanted: set[str]) -> bool:  # type: ignore[type-arg]
    """Nothing waits. What was matched and is no delivery yet shows in no number but that of the mails."""
    waiting = sum(stage["backlog"] for stage in status["stages"].values())
    mails = status["deliveries"]
    ended = mails["sent"] + mails["failed"] + mails["held"] >= len(wanted)
    return not waiting and not mails["pending"] and not mails["sending"] and ended


def check_mails(mailbox: Mailbox, wanted: set[str], unknown: int) -> None:
    """Every match mailed; a second copy only under the same Message-ID and only where the ledger counts it."""
    copies = Counter(str(mail["Message-ID"]) for mail in mailbox.mails)
    texts = texts_by_id(mailbox).values()
    named = Counter(title for title in wanted for text in texts if title in text)
    assert set(named) == wanted
    assert max(named.values()) == 1
    assert sum(copies.values()) - len(copies) <= unknown


def texts_by_id(mailbox: Mailbox) -> dict[str, str]:
    return {str(mail["Message-ID"]): text for mail, text in zip(mailbox.mails, mailbox.texts(), strict=True)}
