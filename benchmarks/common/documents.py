"""Pure. Invented feeds in the forms that publishing software writes: their markup, their length, their dates.

Words follow Zipf's law over the words of a small vocabulary, as in `common.items`.
"""

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from email.utils import format_datetime
from typing import Final

from common.items import END, VOCABULARY

_WEIGHTS: Final = [1 / (rank + 2) for rank in range(len(VOCABULARY))]
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACES: Final = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
    'xmlns:media="http://search.yahoo.com/mrss/"'
)


def document(site: str, number: int, items: int, revision: int) -> bytes:
    """The feed of the site at `site`; each `revision` more brings one more item and drops the last."""
    write = _FORMS[number % len(_FORMS)]
    entries = [_Entry(site, number, revision + place) for place in reversed(range(items))]
    return write(site, number, entries).encode()


class _Entry:
    """One release. The same place of the same feed has the same words in every revision."""

    def __init__(self, site: str, number: int, place: int) -> None:
        chance = random.Random(number * 100_003 + place)
        words = _words(chance, 260)
        self.link = f"{site}/meldungen/{2026 - place % 2}/{'-'.join(words[:4])}-{place}"
        self.title = f"{' '.join(words[:8]).capitalize()} &amp; {words[8]}"
        self.teaser = f"{' '.join(words[9:45]).capitalize()}: „{words[45]}“."
        self.paragraphs = [" ".join(words[at : at + 40]).capitalize() for at in range(46, 246, 40)]
        self.tags = words[246:249]
        self.at = END - timedelta(hours=7 * (40 - place), minutes=number % 60)
        self.number = number * 1000 + place

    @property
    def markup(self) -> str:
        """As an editor writes it: paragraphs, a link, an emphasis, a picture, a list."""
        first, *rest = self.paragraphs
        lines = "".join(f"<li>{tag}</li>" for tag in self.tags)
        body = "".join(f'<p class="text">{paragraph}.</p>\n' for paragraph in rest)
        return (
            f'<p><img src="{self.link}.jpg" alt="" width="640" height="360" /><strong>{first}</strong>.</p>\n'
            f'{body}<ul>{lines}</ul><p><a href="{self.link}?utm_source=rss">Weiterlesen &hellip;</a></p>'
        )


def _words(chance: random.Random, count: int) -> Sequence[str]:
    return chance.choices(VOCABULARY, _WEIGHTS, k=count)


def _escaped(markup: str) -> str:
    return markup.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _blog(site: str, number: int, entries: Sequence[_Entry]) -> str:
    """RSS 2.0 with teaser and text, as WordPress writes it."""
    items = "\n".join(
        f"<item>\n<title>{each.title}</title>\n<link>{each.link}/</link>\n"
        f"<dc:creator><![CDATA[Redaktion]]></dc:creator>\n<pubDate>{format_datetime(each.at)}</pubDate>\n"
        + "".join(f"<category><![CDATA[{tag}]]></category>\n" for tag in each.tags)
        + f'<guid isPermaLink="false">{site}/?p={each.number}</guid>\n'
        f"<description><![CDATA[<p>{each.teaser} [&#8230;]</p>]]></description>\n"
        f"<content:encoded><![CDATA[{each.markup}]]></content:encoded>\n</item>"
        for each in entries
    )
    return (
        f'{_HEAD}<rss version="2.0" {_SPACES}>\n<channel>\n<title>Institut {number}</title>\n'
        f'<atom:link href="{site}/feed.xml" rel="self" type="application/rss+xml" />\n<link>{site}</link>\n'
        f"<description>Meldungen</description>\n<language>de-DE</language>\n"
        f"<sy:updatePeriod>hourly</sy:updatePeriod>\n<sy:updateFrequency>1</sy:updateFrequency>\n"
        f"{items}\n</channel>\n</rss>\n"
    )


def _ministry(site: str, number: int, entries: Sequence[_Entry]) -> str:
    """RSS 2.0 with a teaser in plain words and the address as guid."""
    items = "\n".join(
        f'    <item>\n      <guid isPermaLink="true">{each.link}</guid>\n      <title>{each.title}</title>\n'
        f"      <link>{each.link}</link>\n      <description>{each.teaser}</description>\n"
        f"      <pubDate>{format_datetime(each.at)}</pubDate>\n"
        "      <author>presse@example.org (Presse)</author>\n"
        f'      <enclosure url="{each.link}.jpg" length="4711" type="image/jpeg" />\n    </item>'
        for each in entries
    )
    return (
        f'{_HEAD}<rss version="2.0" {_SPACES}>\n  <channel>\n    <title>Ministerium {number}</title>\n'
        f"    <link>{site}/</link>\n    <description>Presse</description>\n    <language>de</language>\n"
        f"    <ttl>60</ttl>\n{items}\n  </channel>\n</rss>\n"
    )


def _magazine(site: str, number: int, entries: Sequence[_Entry]) -> str:
    """Atom with summary and content."""
    items = "\n".join(
        f'  <entry>\n    <title type="text">{each.title}</title>\n    <link href="{each.link}" />\n'
        f"    <id>{each.link}</id>\n    <updated>{each.at.isoformat()}</updated>\n"
        f"    <published>{each.at.isoformat()}</published>\n    <author><name>Redaktion</name></author>\n"
        f'    <category term="{each.tags[0]}" />\n    <summary type="html">{_escaped(each.teaser)}</summary>\n'
        f'    <content type="html">{_escaped(each.markup)}</content>\n  </entry>'
        for each in entries
    )
    return (
        f'{_HEAD}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr">\n  <title>Revue {number}</title>\n'
        f'  <link href="{site}/feed.xml" rel="self" />\n  <link href="{site}/" />\n  <id>{site}/</id>\n'
        f"  <updated>{entries[0].at.isoformat()}</updated>\n{items}\n</feed>\n"
    )


def _agency(site: str, number: int, entries: Sequence[_Entry]) -> str:
    """RSS 1.0 with Dublin Core."""
    places = "".join(f'<rdf:li rdf:resource="{each.link}" />' for each in entries)
    items = "\n".join(
        f'<item rdf:about="{each.link}">\n<title>{each.title}</title>\n<link>{each.link}</link>\n'
        f"<description>{_escaped(each.teaser)}</description>\n<dc:date>{each.at.isoformat()}</dc:date>\n"
        f"<dc:language>en</dc:language>\n<dc:subject>{each.tags[0]}</dc:subject>\n</item>"
        for each in entries
    )
    return (
        f'{_HEAD}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns="http://purl.org/rss/1.0/" {_SPACES}>\n<channel rdf:about="{site}/">\n'
        f"<title>Agency {number}</title>\n"
        f"<link>{site}/</link>\n<description>News</description>\n<items><rdf:Seq>{places}</rdf:Seq></items>\n"
        f"</channel>\n{items}\n</rdf:RDF>\n"
    )


_Form = Callable[[str, int, Sequence[_Entry]], str]
# as often as they are met: most press offices publish with a blog's software or a teaser only
_FORMS: Final[Sequence[_Form]] = (_blog, _ministry, _blog, _magazine, _ministry, _blog, _agency, _ministry)
