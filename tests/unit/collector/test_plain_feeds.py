"""Plain feeds are read quickly, and every entry of them as feedparser would have it."""

import random
from typing import Any

import pytest
from feedparser.mixin import _FeedParserMixin

from services.collector.dates import zone_of
from services.collector.entries import ParsedFeed
from services.collector.mend import mend
from services.collector.parse import _feed, _parsed
from services.collector.plain.read import read_plain
from services.collector.plain.vocabulary import KNOWN, PREFIXES, TELLING, NotPlain
from shared.errors import NotAFeed
from tests.pipeline.feeds import Entry, rss
from tests.sizes import sizes
from tests.unit.collector.drawn_feeds import RDF, SPACES, Drawn

URLS = ("https://www.example.org/a/feed.xml", "http://example.org", "https://www.example.org/b/../c?x=1", "")
ZONE = zone_of("DE")


def plainly(text: str, url: str = URLS[0], languages: tuple[str, ...] = ()) -> ParsedFeed:
    return _feed(read_plain(mend(text).text, url), url, ZONE, languages)


def by_feedparser(text: str, url: str = URLS[0], languages: tuple[str, ...] = ()) -> ParsedFeed | NotAFeed:
    try:
        return _feed(_parsed(mend(text).text, url), url, ZONE, languages)
    except NotAFeed as error:
        return error


@sizes(300, 20_000)
def test_whatever_is_read_quickly_is_what_feedparser_reads(dice: random.Random, size: int) -> None:
    drawn, quick = Drawn(dice), 0
    for _ in range(size):
        text, url, languages = drawn.document(), dice.choice(URLS), dice.choice(((), ("de",), ("fr", "de")))
        try:
            feed = plainly(text, url, languages)
        except NotPlain:
            continue
        quick += 1
        assert feed == by_feedparser(text, url, languages), text
    assert quick > size / 10


WORDPRESS = f"""<rss version="2.0" {SPACES}><channel><title>Institut</title>
<atom:link href="https://www.example.org/feed" rel="self" type="application/rss+xml" />
<link>https://www.example.org</link>
<description>Neues</description><lastBuildDate>Mon, 02 Mar 2026 09:00:00 +0000</lastBuildDate>
<language>de-DE</language>
<sy:updatePeriod>hourly</sy:updatePeriod><image><url>https://www.example.org/i.png</url><title>I</title>
<link>https://www.example.org</link><width>32</width><height>32</height></image>
<item><title>Ein &amp; Titel</title><link>https://www.example.org/1/</link>
<dc:creator><![CDATA[Redaktion]]></dc:creator>
<pubDate>Mon, 02 Mar 2026 09:00:00 +0000</pubDate><category><![CDATA[KI]]></category>
<guid isPermaLink="false">https://www.example.org/?p=1</guid>
<description><![CDATA[<p>Kurz [&#8230;]</p>]]></description>
<content:encoded><![CDATA[<p>Lang</p>]]></content:encoded><slash:comments>0</slash:comments>
<post-id xmlns="com-wordpress:feed-additions:1">1</post-id></item></channel></rss>"""
AGENCY = f"""<rdf:RDF {RDF} {SPACES}><channel rdf:about="https://www.example.org/"><title>Agency</title>
<link>https://www.example.org/</link>
<items><rdf:Seq><rdf:li rdf:resource="https://www.example.org/1"/></rdf:Seq></items>
</channel><item rdf:about="https://www.example.org/1"><title>One</title><link>https://www.example.org/1</link>
<description>Short</description><dc:date>2026-03-02T09:00:00Z</dc:date><dc:subject>AI</dc:subject></item></rdf:RDF>"""

MAGAZINE = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>Revue</title>
<link href="https://www.example.org/feed" rel="self" /><link href="https://www.example.org/" />
<id>https://www.example.org/</id><updated>2026-03-02T09:00:00Z</updated>
<entry><title type="text">Un titre</title><link href="https://www.example.org/1" /><id>https://www.example.org/1</id>
<updated>2026-03-02T09:00:00Z</updated><author><name>Rédaction</name></author><category term="IA" />
<summary type="html">Bref</summary><content type="html">&lt;p&gt;Long&lt;/p&gt;</content></entry></feed>"""


@pytest.mark.parametrize(
    "text",
    [WORDPRESS, AGENCY, MAGAZINE, rss([Entry("a", "Titel", "Text")]).decode()],
    ids=["wordpress", "rdf", "atom", "rss"],
)
def test_the_usual_kinds_are_read_quickly(text: str) -> None:
    feed = plainly(text)
    assert feed == by_feedparser(text)
    assert len(feed.entries) == 1
    assert feed.entries[0].title


@pytest.mark.parametrize(
    "change",
    [
        ("<title>Ein", "<title>Erster</title><title>Ein"),
        ("<dc:creator>", '<dc:creator xml:lang="fr">'),
        ("<item>", '<item xml:base="https://other.example.org/">'),
        ("<item>", "<item><itunes:summary>Anderes</itunes:summary>"),
        ("<item>", '<item><source url="https://other.example.org/">Haus</source>'),
        ("<item>", "<item><guid>zwei</guid>"),
        ("<![CDATA[Redaktion]]>", "Eins @ Zwei"),
        ("Ein &amp; Titel", "<b>Ein</b> Titel"),
        ("Ein &amp; Titel", "wort\x92s"),
        ('xmlns:dc="http://purl.org/dc/elements/1.1/"', 'xmlns:dc="http://purl.org/dc/terms/"'),
        ("</item>", ""),
        ('version="2.0"', 'version="0.92"'),
    ],
    ids=str,
)
def test_what_is_out_of_the_ordinary_is_left_to_feedparser(change: tuple[str, str]) -> None:
    assert change[0] in WORDPRESS
    with pytest.raises(NotPlain):
        plainly(WORDPRESS.replace(*change, 1))


def test_nothing_of_which_feedparser_makes_something_passes_for_a_foreign_vocabulary() -> None:
    """A new version of it that reads more is found here."""
    library: Any = _FeedParserMixin
    names = [name.split("_") for name in dir(library) if name.startswith(("_start_", "_end_"))]
    handled = {parts[2] for parts in names if len(parts) > 3}
    assert {"dc", "itunes", "media"} <= handled
    for uri, prefix in library.namespaces.items():
        if uri and (prefix == "" or prefix in handled):
            assert uri in PREFIXES or KNOWN.search(uri.lower()), uri
            assert prefix.lower() in TELLING, prefix
