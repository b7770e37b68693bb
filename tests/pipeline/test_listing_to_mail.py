"""From a news page without a feed to a mail: `sources add`, the first mail, the redesign said, and on from it."""

import json
from datetime import timedelta
from pathlib import Path

from tests.pipeline.feeds import now
from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.mailbox import Mailbox
from tests.servers import FeedServer

PAGE = "/presse/"
OLD = (
    (
        "netz",
        "Neues Stromnetz für die Energiewende in Niedersachsen",
        "Leitungen für Windkraft senken Strompreise.",
    ),
    ("kinder", "Kinder malen im Rathaus der Partnerstadt", "Die Bilder hängen im Foyer, der Eintritt ist frei."),
    ("chor", "Der Chor der Mitarbeitenden singt im Advent", "Karten gibt es an der Pforte des Hauses."),
    ("garten", "Der Garten des Instituts öffnet wieder für alle", "Wer mag, bringt eine Decke mit und bleibt."),
)
LATER = (
    "speicher",
    "Batteriespeicher stützt das Stromnetz der Stadtwerke",
    "Strom aus Wind und Sonne wird gespeichert.",
)


def days_ago(number: int) -> str:
    return f"{now() - timedelta(days=number):%d.%m.%Y}"


def before(entries: tuple[tuple[str, str, str], ...]) -> str:
    """The page as it was accepted."""
    rows = "".join(
        f'<div class="article"><div class="header"><h3><a href="/presse/detail/{name}">{title}</a></h3></div>'
        f'<div class="teaser"><p>{text}</p></div><span class="news-list-date">{days_ago(number)}</span></div>'
        for number, (name, title, text) in enumerate(entries)
    )
    return f"<html lang='de'><title>Pressemitteilungen</title><h1>Presse</h1><div class='news-list'>{rows}</div>"


def after(entries: tuple[tuple[str, str, str], ...]) -> str:
    """The same entries on the page that the publisher rebuilt."""
    rows = "".join(
        f'<li class="c-card"><p class="c-topline"><time>{days_ago(number)}</time></p>'
        f'<h2 class="c-card__title"><a href="/aktuelles/{name}.html">{title}</a></h2><p>{text}</p></li>'
        for number, (name, title, text) in enumerate(entries)
    )
    return f"<html lang='de'><title>Aktuelles</title><h1>Aktuelles</h1><ul class='c-cards'>{rows}</ul>"


def serve(site: FeedServer, page: str) -> str:
    return site.serve(PAGE, page, content_type="text/html; charset=utf-8")


def test_a_listing_page_is_added_mailed_from_and_its_redesign_said(tmp_path: Path) -> None:
    with FeedServer() as site, Mailbox() as mailbox, Vigie(tmp_path, VIGIE_SMTP_URL=mailbox.url) as vigie:
        url = serve(site, before(OLD))
        vigie.sources()
        added = json.loads(
            vigie.command("sources", "add", url, "--yes", "--country", "DE", "--interval", "1", "--json")
        )
        assert added["kind"] == "listing"
        who = ("--query", "theme:energy", "--every", "instant", "--confirmed")
        vigie.command("people", "add", "leser@example.org", *who)
        vigie.start()
        wait_until(lambda: mailbox.mails, 30, "the first mail")
        assert OLD[0][1] in mailbox.texts()[0]
        assert f"{site.url('/presse/detail/netz')}" in mailbox.texts()[0]
        wait_until(lambda: vigie.count() == len(OLD), 20, "all entries in the archive")

        serve(site, after(OLD))
        wait_until(lambda: state(vigie, added["id"]) == "rebuilt", 20, "the redesign said")
        shown = json.loads(vigie.command("sources", "show", added["id"], "--json"))
        assert shown["accepted"]["samples"][0] == [site.url("/presse/detail/netz"), OLD[0][1]]
        assert shown["proposed"]["samples"][0] == [site.url("/aktuelles/netz.html"), OLD[0][1]]
        assert vigie.status()["sources"] == {"rebuilt": 1}
        assert added["id"] in vigie.output("status")

        vigie.command("sources", "accept", added["id"])
        wait_until(lambda: state(vigie, added["id"]) == "ok", 20, "the new page read")
        serve(site, after((LATER, *OLD)))
        wait_until(lambda: len(mailbox.mails) == 2, 30, "the mail of what came after the redesign")
        assert LATER[1] in mailbox.texts()[1]
        assert OLD[0][1] not in mailbox.texts()[1]


def state(vigie: Vigie, id_: str) -> str:
    (source,) = json.loads(vigie.command("sources", "list", "--json"))
    assert source["id"] == id_
    return str(source["state"])
