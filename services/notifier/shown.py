"""Pure. An entry of a mail in the words of one language: what both parts of the mail show of it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from textwrap import shorten, wrap
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date

from services.notifier.letters import Entry, Letter
from services.notifier.mime import LONGEST_LINE
from shared.items import day_of
from shared.locales import Texts
from shared.query.fields import FIELDS
from shared.subscriptions.links import Links
from shared.themes import themes

EXCERPT: Final = 280  # characters: what a reader takes in, and what a publisher lets quote
PASSAGE: Final = 140
REASONS: Final = 3
WIDTH: Final = 76
SOVEREIGN: Final = 0.5
_BREAKS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # Unicode's Cc, Zl and Zp
_FULL_STOP: Final = "\u3002"  # browsers read it as a dot in a host
# what joins the parts of an address, unless it stands in a decimal number or after the name of a field
_JOINTS: Final = re.compile(
    rf"(?P<whole>(?<![\w.])\d+[.,]\d+(?![\w.])|\b(?:{'|'.join(FIELDS)}):(?!/))"
    r'|[.:@\\](?=[^\s"”“»)])',
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry in the words of one language."""

    title: str
    short_title: str
    url: str
    language: str
    source: str
    date: str
    excerpt: str
    excerpt_lines: Sequence[str]
    themes: str
    organisations: str
    also: str
    why: Sequence[str]
    model: str
    page: str


def shown(entry: Entry, letter: Letter, links: Links, texts: Texts) -> Shown:
    """The entry for the reader of `letter`: dates in the reader's zone, everything on one line."""
    page = links.item(letter.language, entry.item_id)
    return _shown(entry, letter.language, letter.zone, texts, page)


@lru_cache(maxsize=256)  # news go to many readers at once
def _shown(entry: Entry, language: str, zone: str, texts: Texts, page: str) -> Shown:
    title = clean(entry.title)
    summary = excerpt(entry.summary, EXCERPT)
    published = day_of(entry.published_on, entry.published, ZoneInfo(zone))
    return Shown(
        title=title,
        short_title=excerpt(title, EXCERPT),
        url=_usable(entry.url) or page,
        language=entry.language,
        source=clean(entry.source),
        date=long_date(published, language),
        excerpt=summary,
        excerpt_lines=wrap(summary, WIDTH, break_long_words=False, break_on_hyphens=False),
        themes=", ".join(_labels(entry, language, texts)),
        organisations=", ".join(map(clean, entry.organisations)),
        also=", ".join(map(clean, entry.also)),
        why=[_reason(why.clause, why.passage, texts) for why in entry.why[:REASONS]],
        model=entry.model,
        page=page,
    )


def _labels(entry: Entry, language: str, texts: Texts) -> Sequence[str]:
    """What the machine tagged the entry with, in words. Sovereignty is a topic, never a rating."""
    known = themes()
    names = [known[theme].names[language] if theme in known else theme for theme in entry.themes]
    names += [texts("sovereignty")] if entry.sovereignty >= SOVEREIGN else []
    return names + ([texts("franco_german")] if entry.franco_german else [])


def _reason(clause: str, passage: str, texts: Texts) -> str:
    if not passage:
        return clean(clause)
    quoted = texts("quoted", text=excerpt(passage, PASSAGE))
    return texts("reason", clause=clean(clause), passage=quoted)


def _usable(url: str | None) -> str | None:
    """A link that a reader may follow and a line can hold."""
    if not url or not url.startswith(("http://", "https://")) or len(url.encode()) > LONGEST_LINE:
        return None
    return None if any(character.isspace() for character in url) else url


def excerpt(text: str, limit: int) -> str:
    """The beginning of a text, at most `limit` characters, cut between words."""
    whole = clean(text)
    if len(whole) <= limit:
        return whole
    cut = shorten(whole, limit, placeholder=" …").strip()
    return cut if len(cut) > 1 else f"{whole[: limit - 2]} …"  # one endless word


def clean(text: str) -> str:
    """Text without control characters and line breaks; everything else as the publisher wrote it."""
    return _BREAKS.sub(" ", text).strip()


def unlinked(text: str) -> str:
    """A stranger's text in which no mail program finds an address to make a link of, and which people can read.

    Signs that look like others become those, invisible ones go, and a space follows whatever joins the parts of an
    address: `www. example. org/path`. `4.0` and `theme:energy` stay whole.
    """
    plain = unicodedata.normalize("NFKC", text)
    visible = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    dotted = visible.replace(_FULL_STOP, ".")
    apart = _JOINTS.sub(lambda found: found[0] if found["whole"] else f"{found[0]} ", dotted)
    return clean(apart)


def long_date(day: date, language: str) -> str:
    """The day as people of the language write it."""
    long = format_date(day, "long", locale=language)
    return f"1er{long[1:]}" if language == "fr" and day.day == 1 else long  # CLDR's French knows no "1er"
