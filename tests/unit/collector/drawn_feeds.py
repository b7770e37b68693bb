"""Feeds drawn at random from what publishers write, odd values and orders included."""

import random
from collections.abc import Callable, Sequence
from typing import Final

SPACES: Final = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" xmlns:own="https://example.org/ns" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:wfw="http://wellformedweb.org/commentAPI/"'
)
RDF: Final = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
TEXTS: Final = (
    "Eins|Zwei &amp; drei||  |<![CDATA[<p>Hallo <b>Welt</b></p>]]>|Künstliche Ä|KÃ¼nstliche|café|„Zitat“|a&lt;b"
    "|&lt;p&gt;x&lt;/p&gt;|x<!-- c -->y|\n  lang\n text |&#8230;|&amp;amp;|<![CDATA[ ]]>|wort\x85"
    "|<![CDATA[<a href='/a.pdf'>x</a>]]>|&lt;a href=&quot;https://www.example.org/b.PDF?x&quot;&gt;x&lt;/a&gt;"
).split("|")
ADDRESSES: Final = (
    "http://www.example.org/n/1|/n/2|n/3?a=1&amp;b=2&amp;c;|https://other.example.org/4#x||urn:uuid:5|#a6|N/A|?p=8"
    "|tag:example.org,2026:9|http:///x/1|//host.example.org/2|http://[bad/3|mailto:x@example.org"
).split("|")
DATES: Final = "Mon, 02 Mar 2026 10:00:00 +0100|2026-03-02T10:00:00Z|2026|12.03.2026||1763632800|gestern".split(
    "|"
)
PEOPLE: Final = (
    "Redaktion|presse@example.org (Presse)|a@example.org|Max &lt;max@example.org&gt;||x@example.museum (Lang)"
    "|Eins @ Zwei|presse@example.org(Presse)|(Nur) Name|a@example.org (X (Y))|A &amp; B"
).split("|")
LANGUAGES: Final = "de-DE|fr|EN_us||x".split("|")
TYPES: Final = ("", "", ' type="text"', ' type="html"', ' type="HTML"', ' type="text/html"')
PLACES: Final = (
    "",
    ' rel="alternate"',
    ' rel="alternate" type="text/html" hreflang="de"',
    ' rel="Alternate" hreflang="fr-FR"',
    ' rel="enclosure" type="image/png"',
    ' rel="enclosure" type="application/pdf"',
    ' rel="self"',
    ' rel="hub"',
    ' type="application/pdf"',
)
PERMANENT: Final = ("", ' isPermaLink="false"', ' isPermaLink="True"')
MEDIA: Final = ("image/jpeg", "application/pdf", "APPLICATION/PDF", "", "x.pdf")
TERMS: Final = ("Eins", "Ä", "", 'zwei" label="L', 'drei" scheme="s')

Piece = Callable[[], str]


class Drawn:
    """Draws documents by `dice`. `rare` is the share of entries with something that few feeds have."""

    def __init__(self, dice: random.Random, rare: float = 0.1) -> None:
        self._dice, self._rare = dice, rare

    def document(self) -> str:
        return self._dice.choice((self.rss, self.rss, self.rdf, self.atom, self.atom))()

    def rss(self) -> str:
        version = self._of(("2.0", "2.0", "2.0", "0.91"))
        parts = "".join((*self._some(self._channel(), 1, 9), *self._entries(self._item)))
        return f'<rss version="{version}" {SPACES}><channel>{parts}</channel></rss>'

    def rdf(self) -> str:
        image = self._of(("", "<image><title>x</title><url>y</url><link>z</link></image>"))
        seq = '<items><rdf:Seq><rdf:li rdf:resource="x"/></rdf:Seq></items>'
        channel = "".join(self._some(self._channel(), 1, 9))
        items = "".join(self._entries(self._item)).replace("<item>", f'<item rdf:about="{self._address()}">', 1)
        spaces = self._of((f"{RDF} {SPACES}", f"{SPACES} {RDF}"))
        return f'<rdf:RDF {spaces}><channel rdf:about="x">{channel}{seq}</channel>{image}{items}</rdf:RDF>'

    def atom(self) -> str:
        language = self._of(("", ' xml:lang="fr"', ' xml:lang="de_DE"'))
        parts = "".join((*self._some(self._head(), 1, 8), *self._entries(self._entry)))
        return f'<feed xmlns="http://www.w3.org/2005/Atom" {SPACES}{language}>{parts}</feed>'

    def _of(self, choices: Sequence[str]) -> str:
        return self._dice.choice(choices)

    def _address(self) -> str:
        return self._of(ADDRESSES)

    def _some(self, pieces: Sequence[Piece], least: int, most: int) -> list[str]:
        count = self._dice.randint(least, min(most, len(pieces)))
        return [piece() for piece in self._dice.sample(pieces, count)]

    def _entries(self, one: Piece) -> list[str]:
        return [one() for _ in range(self._dice.randint(1, 3))]

    def _text(self, name: str, choices: Sequence[str] = TEXTS) -> Piece:
        return lambda: f"<{name}>{self._of(choices)}</{name}>"

    def _typed(self, name: str) -> Piece:
        return lambda: f"<{name}{self._of(TYPES)}>{self._of(TEXTS)}</{name}>"

    def _link(self, name: str) -> Piece:
        return lambda: f'<{name} href="{self._address()}"{self._of(PLACES)}/>'

    def _channel(self) -> list[Piece]:
        named = [self._text(name) for name in ("title", "description", "generator", "copyright", "category")]
        people = [self._text(name, PEOPLE) for name in ("managingEditor", "webMaster", "dc:creator")]
        dates = [self._text(name, DATES) for name in ("pubDate", "lastBuildDate", "dc:date")]
        return [
            *named,
            *people,
            *dates,
            self._text("link", ADDRESSES),
            self._text("language", LANGUAGES),
            self._text("dc:language", LANGUAGES),
            self._text("ttl", ("60", "x", " 30 ")),
            self._text("sy:updatePeriod", ("hourly", "daily")),
            self._text("sy:updateFrequency", ("1", "2", "")),
            self._link("atom:link"),
            lambda: f"<image><url>x</url><title>y</title><link>{self._address()}</link></image>",
            lambda: '<own:thing a="1"/>',
        ]

    def _item(self) -> str:
        telling = [
            self._text("title"),
            self._text("link", ADDRESSES),
            self._text("description"),
            lambda: f"<guid{self._of(PERMANENT)}>{self._address()}</guid>",
        ]
        other = [
            self._text(name) for name in ("content:encoded", "category", "dc:subject", "own:thing", "media:credit")
        ]
        other += [self._text(name, DATES) for name in ("pubDate", "dc:date")]
        other += [self._text(name, PEOPLE) for name in ("author", "dc:creator", "dc:publisher")]
        other += [self._text(name, ADDRESSES) for name in ("comments", "wfw:commentRss", "feedburner:origLink")]
        other += [
            self._link("atom:link"),
            self._text("dc:language", LANGUAGES),
            lambda: f'<category domain="x">{self._of(TEXTS)}</category>',
            lambda: f'<enclosure url="{self._address()}" length="1" type="{self._of(MEDIA)}"/>',
            lambda: f'<enclosure length="1" url="https://www.example.org/{self._of(MEDIA)}"/>',
            lambda: f'<media:content url="{self._address()}" medium="image"/>',
            lambda: '<post-id xmlns="com-wordpress:feed-additions:1">7</post-id>',
        ]
        rare = [
            self._text(name) for name in ("title", "media:title", "itunes:summary", "dc:title", "summary", "x")
        ]
        rare += [
            lambda: f'<source url="{self._address()}">x</source>',
            lambda: f"<description><p>gemischt</p>{self._of(TEXTS)}</description>",
            lambda: f'<title xml:lang="fr">{self._of(TEXTS)}</title>',
        ]
        return self._mixed("item", self._some(telling, 2, 4) + self._some(other, 0, 9), rare)

    def _head(self) -> list[Piece]:
        return [
            self._typed("title"),
            self._text("id", ADDRESSES),
            self._link("link"),
            self._link("link"),
            self._text("subtitle"),
            self._text("updated", DATES),
            self._text("rights"),
            lambda: "<author><name>X</name><email>x@example.org</email></author>",
            lambda: '<category term="x"/>',
        ]

    def _entry(self) -> str:
        telling = [self._typed("title"), self._text("id", ADDRESSES), self._link("link"), self._typed("summary")]
        other = [
            self._typed("content"),
            self._link("link"),
            self._text("published", DATES),
            self._text("updated", DATES),
            lambda: f"<author><name>{self._of(PEOPLE)}</name><uri>http://example.org/</uri></author>",
            lambda: f"<author><email>z@example.org</email><name>{self._of(TEXTS)}</name></author>",
            lambda: f'<category term="{self._of(TERMS)}"/>',
            self._text("own:thing"),
        ]
        rare = [
            lambda: "<contributor><name>X</name></contributor>",
            lambda: "<author><email>q@example.org</email></author>",
            self._text("title"),
            lambda: "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>x</p></div></content>",
        ]
        return self._mixed("entry", self._some(telling, 2, 4) + self._some(other, 0, 6), rare)

    def _mixed(self, name: str, parts: list[str], rare: Sequence[Piece]) -> str:
        if self._dice.random() < self._rare:
            parts.append(self._dice.choice(rare)())
        self._dice.shuffle(parts)
        return f"<{name}>{''.join(parts)}</{name}>"
