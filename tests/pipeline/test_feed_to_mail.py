"""From a feed to a mail: the whole product in its own processes, a real web server and a real SMTP server."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.pipeline.feeds import Entry, now, rss
from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.mailbox import Mailbox
from tests.servers import FeedServer

GRID = Entry(
    "netz",
    "Neues Stromnetz für die Energiewende in Niedersachsen",
    "Der Netzbetreiber baut Leitungen für Windenergie aus und senkt den Strompreis der Haushalte im Norden.",
)
HOSPITAL = Entry(
    "klinik",
    "Krankenhaus testet KI in der Diagnostik",
    "Ärztinnen der Klinik werten Röntgenbilder von Patientinnen und Patienten mit Künstlicher Intelligenz aus.",
)
CHILDREN = Entry(
    "kinder", "Kinder malen im Rathaus", "Die Bilder hängen bis März im Foyer, der Eintritt ist frei."
)


def dated(entry: Entry, **ago: float) -> Entry:
    return Entry(entry.name, entry.title, entry.text, now() - timedelta(**ago), entry.guid)


def test_every_entry_is_archived_once_and_later_polls_cost_a_304(installed: Callable[..., Vigie]) -> None:
    with FeedServer() as site, installed() as vigie:
        site.serve("/feed.xml", rss([dated(GRID, hours=1), dated(HOSPITAL, days=9), CHILDREN]))
        vigie.sources(("haus", site.url("/feed.xml")))
        vigie.start()
        wait_until(lambda: len(vigie.items()) == 3, 30, "three items in the archive")
        wait_until(lambda: site.answers("/feed.xml").count(304) >= 2, 20, "two polls answered 304")
        assert site.answers("/feed.xml").count(200) == 1
        found = {item["title"]: item for item in vigie.items()}
        assert len(found) == 3
        assert found[GRID.title]["themes"] == ["energy"]
        assert found[HOSPITAL.title]["url"] == "https://www.example.org/klinik"
        assert {item["language"] for item in found.values()} == {"de"}


def test_an_edited_entry_becomes_revision_2(installed: Callable[..., Vigie]) -> None:
    with FeedServer() as site, installed() as vigie:
        site.serve("/feed.xml", rss([dated(GRID, hours=1), CHILDREN]))
        vigie.sources(("haus", site.url("/feed.xml")))
        vigie.start()
        wait_until(lambda: len(vigie.items()) == 2, 30, "two items")
        edited = Entry(GRID.name, GRID.title, GRID.text + " Der Bau beginnt im Mai.", now() - timedelta(hours=1))
        site.serve("/feed.xml", rss([edited, CHILDREN]))
        wait_until(lambda: [i["revision"] for i in vigie.items("Mai")] == [2], 20, "revision 2, by its new word")
        before, after = vigie.items("Mai"), vigie.items("Stromnetz")
        assert before == after
        assert len(vigie.items()) == 2


def test_a_subscriber_gets_what_matches_once_and_nothing_old_or_doubled(installed: Callable[..., Vigie]) -> None:
    with FeedServer() as site, Mailbox() as mailbox, installed(VIGIE_SMTP_URL=mailbox.url) as vigie:
        old = Entry(
            "alt",
            "Windpark vor Rügen liefert Strom",
            "Die Turbinen speisen Energie ins Netz.",
            now() - timedelta(days=5),
        )
        site.serve("/a.xml", rss([dated(GRID, hours=1), dated(HOSPITAL, hours=1), dated(CHILDREN, hours=1), old]))
        site.serve("/b.xml", rss([dated(GRID, minutes=30)], site="https://presse.example.org"))
        vigie.sources(("haus", site.url("/a.xml")), ("presse", site.url("/b.xml")))
        vigie.command("migrate")
        vigie.command(
            "people", "add", "leser@example.org", "--query", "theme:energy", "--every", "instant", "--confirmed"
        )
        vigie.start()
        wait_until(lambda: mailbox.mails, 30, "the first mail")
        again = Entry(old.name, old.title, old.text, now(), guid="new-guid")
        site.serve(
            "/a.xml", rss([dated(GRID, minutes=1), again, dated(HOSPITAL, hours=1), dated(CHILDREN, hours=1)])
        )
        wait_until(lambda: site.answers("/a.xml").count(200) >= 2, 20, "the changed feed was read")
        wait_until(lambda: len(vigie.items()) == 5, 20, "all items in the archive")
        wait_until(lambda: not any(s["backlog"] for s in vigie.status()["stages"].values()), 20, "empty backlogs")
        assert len(mailbox.mails) == 1
        text = mailbox.texts()[0]
        assert GRID.title in text
        assert any(link in text for link in ("https://www.example.org/netz", "https://presse.example.org/netz"))
        assert vigie.status()["deliveries"] == {
            "pending": 0,
            "sending": 0,
            "sent": 1,
            "failed": 0,
            "held": 0,
            "unknown": 0,
        }


SHARED_FEEDS = Path(__file__).parents[3] / "shared" / "feeds"
ENTRIES = {"heise-atom": 150, "tagesschau": 40, "bbc": 27, "sciences-et-avenir-2018": 46, "lemonde-2018": 21}


@pytest.mark.skipif(not SHARED_FEEDS.exists(), reason="the real feed documents are not part of the repository")
def test_real_feeds_are_archived_whole(tmp_path: Path) -> None:
    with FeedServer() as site, Vigie(tmp_path) as vigie:
        for name in ENTRIES:
            site.serve(f"/{name}.xml", (SHARED_FEEDS / f"{name}.xml").read_bytes(), delay=0.1)
        vigie.sources(*((name, site.url(f"/{name}.xml")) for name in ENTRIES))
        vigie.start()
        wait_until(lambda: len(vigie.items()) >= sum(ENTRIES.values()), 60, "every entry")
        wait_until(lambda: all(site.answers(f"/{n}.xml").count(304) for n in ENTRIES), 30, "304 from every feed")
        items = vigie.items()
        per_source = {name: sum(item["source"] == name for item in items) for name in ENTRIES}
        assert per_source == ENTRIES
        assert len({item["item_id"] for item in items}) == len(items)
        assert all(item["published"] and item["language"] for item in items)
        tracked = ("wt_mc=", "xtor=", "at_medium=", "utm_")
        assert not [item["url"] for item in items if any(mark in item["url"] for mark in tracked)]
