"""Looking back and full texts in the whole product: what is old is found, and nobody is mailed of it."""

import json
from collections.abc import Callable
from datetime import timedelta

from tests.archives import releases, serve_listing
from tests.articles import SENTENCES, TITLE, article
from tests.pipeline.conftest import MOSTLY_ON_ONE_MACHINE
from tests.pipeline.feeds import Entry, now, rss
from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.mailbox import Mailbox
from tests.servers import FeedServer


@MOSTLY_ON_ONE_MACHINE
def test_what_is_looked_back_for_is_in_the_archive_and_nobody_is_mailed(installed: Callable[..., Vigie]) -> None:
    every = releases(now(), 24)
    with FeedServer() as site, Mailbox() as mailbox, installed(VIGIE_SMTP_URL=mailbox.url) as vigie:
        entries = [Entry(one.path[1:], one.title, "Ein Text.", one.at) for one in every[:2]]
        site.serve("/feed.xml", rss(entries, site=site.url()[:-1]))
        vigie.sources(("haus", site.url("/feed.xml")))
        vigie.command("migrate")
        vigie.command("people", "add", "leser@example.org", "--query", "", "--every", "instant", "--confirmed")
        vigie.start()
        wait_until(lambda: mailbox.mails, 30, "the mail of the one fresh entry")
        wait_until(lambda: vigie.count() == 2, 30, "the entry that was old at the first poll")
        serve_listing(site, "wordpress", every, 8)
        since = f"{every[17].at - timedelta(days=1):%Y-%m-%d}"
        options = ("--since", since, "--via", site.url("/presse"), "--json")
        dry = json.loads(vigie.command("sources", "backfill", "haus", *options, "--dry-run"))
        assert (dry["sent"], dry["complete_since"][:10]) == (16, f"{every[1].at:%Y-%m-%d}")
        assert vigie.count() == 2
        done = json.loads(vigie.command("sources", "backfill", "haus", *options))
        assert (done["sent"], done["documents"], done["stopped"]) == (16, 3, None)
        wait_until(lambda: vigie.count() == 18, 60, "what was looked back for")
        assert {item["title"] for item in vigie.items()} == {one.title for one in every[:18]}
        wait_until(lambda: not any(s["backlog"] for s in vigie.status()["stages"].values()), 20, "empty backlogs")
        assert len(mailbox.mails) == 1
        assert every[0].title in mailbox.texts()[0]
        again = json.loads(vigie.command("sources", "backfill", "haus", *options))
        assert (again["sent"], vigie.count()) == (0, 18)
        assert vigie.command("sources", "show", "haus").count("complete_since") == 1


def test_a_word_that_stands_on_the_page_only_is_found_and_told(installed: Callable[..., Vigie]) -> None:
    with FeedServer() as site, Mailbox() as mailbox, installed(VIGIE_SMTP_URL=mailbox.url) as vigie:
        site.serve("/a", article(), content_type="text/html; charset=utf-8")
        site.serve("/feed.xml", rss([Entry("a", TITLE, "Kurz.", now())], site=site.url()[:-1]))
        vigie.sources(("haus", site.url("/feed.xml")), more='full_text = true\nfull_text_reason = "CC BY 4.0"')
        vigie.command("migrate")
        query = "quecksilberwaage"
        vigie.command("people", "add", "leser@example.org", "--query", query, "--every", "instant", "--confirmed")
        vigie.start()
        wait_until(lambda: mailbox.mails, 30, "the mail that a word of the page asks for")
        assert TITLE in mailbox.texts()[0]
        (item,) = vigie.items(query)
        assert "text from its page" in vigie.command("explain", item["item_id"])
        assert SENTENCES[4].split(",")[0] not in item["summary"]
