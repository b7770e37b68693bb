"""An analyst's afternoon: a question, narrowing by facets, the trend, a citation for BibTeX, a feed, an alert."""

import csv
import html
import re
import shutil
import subprocess
from datetime import timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pybtex.database

from tests.archived import NOON, a_classified, a_verdict, later
from tests.mailing import archive, mail_through
from tests.unit.portal.site import Portal

ATOM = "{http://www.w3.org/2005/Atom}"


def furnish(portal: Portal) -> None:
    """Two years of hydrogen and storage, of two sources, in two languages; and what is none of it."""
    for n in range(24):
        german = n % 2 == 0
        item = a_classified(
            f"h{n}",
            source="dfki" if german else "cea",
            country="DE" if german else "FR",
            title=f"Wasserstoff im Netz, Folge {n}" if german else f"L'hydrogène au réseau, {n}",
            text="Ein Speicher für Wasserstoff." if german else "Un stockage d'hydrogène.",
            published=NOON - timedelta(days=25 * n),
            verdict=a_verdict(language="de" if german else "fr", themes=("energy",) if n % 3 else ("climate",)),
        )
        portal.archive(item)
    portal.archive(
        a_classified("other", title="Pflege", text="Nichts davon.", verdict=a_verdict(themes=("health",)))
    )


def followed(text: str, ending: str) -> str:
    """The link on the page whose address ends so."""
    links = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', text)]
    return next(link for link in links if link.endswith(ending))


def number(text: str) -> int:
    found = re.search(r'<h2 role="status">(\d+) ', text)
    assert found
    return int(found[1])


def set_by_bibtex(folder: Path, bib: str) -> int:
    """Entries that BibTeX sets, or that pybtex reads where BibTeX is not here."""
    bibtex = shutil.which("bibtex")
    if bibtex is None:
        return len(pybtex.database.parse_string(bib, "bibtex").entries)
    (folder / "items.bib").write_text(bib, "utf-8")
    (folder / "paper.aux").write_text("\\citation{*}\n\\bibstyle{plain}\n\\bibdata{items}\n", "ascii")
    done = subprocess.run([bibtex, "paper"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode <= 1, done.stdout
    return (folder / "paper.bbl").read_text("utf-8").count("\\bibitem")


def test_from_a_question_to_an_alert(portal: Portal, tmp_path: Path) -> None:
    furnish(portal)

    # the question: both languages, in any form
    asked = portal.get("/de/search", params={"q": "(Wasserstoff OR hydrogène) date:2024-06..2026-03"}).text
    assert number(asked) == 24
    assert "<mark>Wasserstoff</mark>" in asked

    # narrowing by facets: each link says what it brings, and brings it
    by_theme = portal.get(followed(asked, "&theme=energy")).text
    assert number(by_theme) == 16
    narrow = followed(by_theme, "&country=FR")
    counted = re.search(re.escape(html.escape(narrow)) + r'"[^>]*>[^<]*<span class="count">(\d+)<', by_theme)
    found = portal.get(narrow).text
    assert counted
    assert number(found) == int(counted[1]) == 8

    # the trend: the same items, over time
    trend = portal.get(followed(found, "/de/trends?" + urlsplit(narrow).query)).text
    assert followed(trend, "&span=5y")
    numbers = portal.get(f"/de/trends.csv?{urlsplit(narrow).query}&span=5y").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(StringIO(numbers)))
    assert sum(int(row["count"]) for row in rows) == 8
    assert any(row["count"] == "0" for row in rows)

    # the citation
    bib = portal.get(f"/de/search.bib?{urlsplit(narrow).query}").text
    assert set_by_bibtex(tmp_path, bib) == 8

    # the feed: what comes in stands there, and nothing else changes it
    feed = next(html.unescape(a) for a in re.findall(r'href="([^"]+)"', found) if "/search.atom?" in a)
    before = portal.get(feed)
    assert portal.get(feed, headers={"If-None-Match": before.headers["etag"]}).status_code == 304
    assert len(ElementTree.fromstring(before.text).findall(f"{ATOM}entry")) == 8

    # the alert: the same query, confirmed; the next item is mailed, and stands in the feed
    subscribe = next(html.unescape(a) for a in re.findall(r'href="([^"]+)"', found) if "/subscribe?" in a)
    (query,) = parse_qs(urlsplit(subscribe).query)["q"]
    assert html.escape(query) in portal.get(subscribe).text.replace("&#34;", "&quot;")
    token = portal.asked(query, "instant")
    assert portal.post(f"/de/confirm/{token}").status_code == 200
    portal.clock.advance(minutes=5)
    facts = {"source": "cea", "country": "FR", "title": "L'hydrogène encore", "text": "Un stockage."}
    verdict = a_verdict(language="fr", themes=("energy",))
    new = archive(portal.store, "new", published=later(hours=1), verdict=verdict, **facts)
    other = archive(portal.store, "else", published=later(hours=1), verdict=verdict, **{**facts, "country": "DE"})
    mails = mail_through(portal.store, new, other)
    assert len(mails) == 1
    assert "encore" in mails[0].text
    assert len(ElementTree.fromstring(portal.get(feed).text).findall(f"{ATOM}entry")) == 9
