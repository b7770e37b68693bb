"""Pure. A story of a mail in the words of one language: what both parts of the mail show of it."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from textwrap import shorten, wrap
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import format_decimal

from services.notifier.letters import Closing, Entry, Letter, Other
from services.notifier.mime import LONGEST_LINE
from shared.dates import long_date
from shared.items import LANGUAGES, Spike, day_of
from shared.locales import Texts, in_french
from shared.query.fields import FIELDS
from shared.query.told import told_text
from shared.subscriptions.links import Links
from shared.subscriptions.words import Why
from shared.themes import themes

EXCERPT: Final = 280  # characters: what a reader takes in, and what a publisher lets quote
PASSAGE: Final = 140
REASONS: Final = 3
NAMED: Final = 8  # organisations, and other sources
OTHERS: Final = 3
SENTENCES: Final = 6  # that came, or that went
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
class Facts:
    """A line that says one thing of a story: what it is about, and the words for it."""

    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another item: `label` says in which language it tells the story, or until when it can be answered."""

    label: str
    title: str
    url: str
    source: str
    language: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A story in the words of one language. `language` is that of its own words, empty where nobody knows it.

    `changes` are sentences that came and that went, under a heading each.
    """

    title: str
    short_title: str
    url: str
    language: str
    by: str
    excerpt: str
    facts: Sequence[Facts]
    others: Sequence[Elsewhere]
    page: str
    changes: Sequence["Change"] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """Sentences that came, or that went; `more` counts those that are not shown, in words."""

    label: str
    sentences: Sequence[str]
    more: str
    came: bool


def shown(entry: Entry, letter: Letter, links: Links, texts: Texts) -> Shown:
    """The story for the reader of `letter`: times in the reader's zone, everything on one line."""
    page = links.item(letter.language, entry.item_id)
    for_anybody = replace(entry, speaking=())
    return _shown(for_anybody, letter.language, letter.zone, texts, page)


def closing_soon(call: Closing, language: str, links: Links) -> Elsewhere:
    """A call that ends soon, labelled with its day."""
    page = links.item(language, call.item_id)
    return Elsewhere(
        label=long_date(call.day, language),
        title=_set(excerpt(call.title, PASSAGE), call.language),
        url=_usable(call.url) or page,
        source=clean(call.source),
        language=_known(call.language),
    )


@lru_cache(maxsize=2048)  # news go to many readers at once, and digests tell many stories
def _shown(entry: Entry, language: str, zone: str, texts: Texts, page: str) -> Shown:
    title = _set(clean(entry.title), entry.language)
    return Shown(
        title=title,
        short_title=excerpt(title, EXCERPT),
        url=_usable(entry.url) or page,
        language=_known(entry.language),
        by=_by(entry, language, zone, texts),
        excerpt=_set(excerpt(entry.summary, EXCERPT), entry.language),
        facts=tuple(_facts(entry, language, texts)),
        others=tuple(_elsewhere(other, texts, page) for other in entry.others[:OTHERS]),
        page=page,
        changes=tuple(_changes(entry, texts)),
    )


def _changes(entry: Entry, texts: Texts) -> Iterator[Change]:
    for label, sentences in (("changed_added", entry.added), ("changed_removed", entry.removed)):
        if sentences:
            over = len(sentences) - SENTENCES
            more = texts("changed_more", count=over) if over > 0 else ""
            brief = tuple(_set(excerpt(sentence, EXCERPT), entry.language) for sentence in sentences[:SENTENCES])
            yield Change(texts(label), brief, more, sentences is entry.added)


def _by(entry: Entry, language: str, zone: str, texts: Texts) -> str:
    """Who published it, when, and in which language."""
    when = long_date(day_of(entry.published_on, entry.published, ZoneInfo(zone)), language)
    if entry.published_on is None:
        when = f"{when}, {entry.published.astimezone(ZoneInfo(zone)):%H:%M}"
    return " · ".join((clean(entry.source), when, _tongue(entry.language, language, texts)))


def _facts(entry: Entry, language: str, texts: Texts) -> Iterator[Facts]:
    said = (
        (
            "why",
            texts.semicolon.join(_reason(why, entry, language, texts) for why in entry.why[:REASONS]),
        ),
        ("spike", texts.semicolon.join(_spike(spike, language, texts) for spike in entry.spikes[:REASONS])),
        ("deadline", long_date(entry.deadline, language) if entry.deadline else ""),
        ("takes_place", long_date(entry.takes_place, language) if entry.takes_place else ""),
        ("themes", ", ".join(_labels(entry, language, texts))),
        ("organisations", ", ".join(map(clean, entry.organisations[:NAMED]))),
        ("also", ", ".join(map(clean, entry.also[:NAMED]))),
    )
    return (Facts(texts(label), words) for label, words in said if words)


def _labels(entry: Entry, language: str, texts: Texts) -> Sequence[str]:
    """What the machine tagged the entry with, in words. Sovereignty is a topic, never a rating."""
    known = themes()
    names = [known[theme].names[language] if theme in known else theme for theme in entry.themes]
    names += [texts("sovereignty")] if entry.sovereignty >= SOVEREIGN else []
    return names + ([texts("franco_german")] if entry.franco_german else [])


def _reason(why: Why, entry: Entry, language: str, texts: Texts) -> str:
    clause = clean(told_text(why.clause, language))
    if not why.passage:
        return clause
    quoted = texts("quoted", text=_set(excerpt(why.passage, PASSAGE), entry.language))
    return texts("reason", clause=clause, passage=quoted)


def _spike(spike: Spike, language: str, texts: Texts) -> str:
    """What rose, with the numbers behind it."""
    field = {"theme": "theme", "org": "org", "word": "title"}[spike.kind]
    found, expected = (format_decimal(number, locale=language) for number in (spike.found, spike.usual))
    what = clean(told_text(f'{field}:"{spike.value}"', language))
    return texts("spike_says", what=what, found=found, usual=expected)


def _elsewhere(other: Other, texts: Texts, page: str) -> Elsewhere:
    return Elsewhere(
        label=texts("other_item", language=texts(f"other_in_{_known(other.language) or 'other'}")),
        title=_set(excerpt(other.title, PASSAGE), other.language),
        url=_usable(other.url) or page,
        source=clean(other.source),
        language=_known(other.language),
    )


def _set(text: str, language: str) -> str:
    """A publisher's words as their language has them: no French line begins with a point."""
    return in_french(text) if language == "fr" else text


def _known(language: str) -> str:
    return language if language in LANGUAGES else ""


def _tongue(code: str, language: str, texts: Texts) -> str:
    return str(Locale(language).languages[code]) if _known(code) else texts("language_other")


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


def folded(text: str, indent: str = "") -> str:
    """A paragraph of the plain part: lines that a terminal shows whole; a link is never broken."""
    if len(text) <= WIDTH and text.isprintable():
        return text.rstrip(" ")
    return _wrapped(text, indent)


@lru_cache(maxsize=512)  # most of what a mail says is said to others too
def _wrapped(text: str, indent: str) -> str:
    lines = wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


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
