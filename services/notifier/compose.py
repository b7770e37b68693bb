"""Pure. A letter becomes a mail: the same data as plain text and as HTML, headers that mail providers read.

In the plain part each title stands on a line of its own, and so does each link, whole. The HTML has no remote
content, no script and no tracking, and stays under 80 kB, because Gmail cuts what is longer, the leave link first.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import format_datetime
from textwrap import shorten, wrap
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date

from services.notifier.letters import Entry, Letter, Speaking
from services.notifier.mime import LONGEST_LINE, Mail, encoded_sender, encoded_subject
from services.notifier.templates import Templates
from shared.locales import Texts
from shared.subscriptions.links import CONFIRM_WITHIN, Links
from shared.subscriptions.words import Kind
from shared.themes import themes

HTML_LIMIT: Final = 80_000  # bytes
EXCERPT: Final = 280  # characters: what a reader takes in, and what a publisher lets quote
PASSAGE: Final = 140
REASONS: Final = 3
WIDTH: Final = 76
SOVEREIGN: Final = 0.5
_SIZES: Final = ((40, 160), (40, 60), (20, 40), (10, 20), (5, 0), (1, 0))  # entries in full, entries as a line


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


def compose(letter: Letter, *, sender: str, links: Links, templates: Templates, now: datetime) -> Mail:
    """The mail of a letter. The same letter gives the same mail but for the Date."""
    texts = templates.texts[letter.language]
    from_, address = encoded_sender(sender)
    text, html = _parts(letter, links, templates, texts)
    return Mail(
        delivery=letter.delivery,
        sender=address,
        recipient=letter.recipient,
        headers=(
            ("From", from_),
            ("To", letter.recipient),
            ("Subject", encoded_subject(_subject(letter, texts))),
            ("Date", format_datetime(now)),
            ("Message-ID", f"<{letter.delivery}@{_domain(address)}>"),
            *_list_headers(letter, links, _domain(address)),
            ("Auto-Submitted", "auto-generated"),
        ),
        text=text,
        html=html,
        language=letter.language,
    )


def _list_headers(letter: Letter, links: Links, domain: str) -> Sequence[tuple[str, str]]:
    """Those of RFC 2919, 2369 and 8058; none on a confirmation: there is nothing to leave yet."""
    if letter.kind not in (Kind.INSTANT, Kind.DIGEST):
        return ()
    return (
        ("List-Id", f"<{letter.kind}.vigie.{domain}>"),
        ("List-Unsubscribe", f"<{links.leave(letter.language, letter.subscription_ids)}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Precedence", "bulk"),
    )


def _parts(letter: Letter, links: Links, templates: Templates, texts: Texts) -> tuple[str, str]:
    if letter.kind is Kind.OPERATOR:
        return letter.note, templates.render("operator.html.j2", letter.language, note=letter.note)
    if letter.kind is Kind.CONFIRM:
        asked = _confirmation(letter, links, texts)
        text = templates.render("confirm.txt.j2", letter.language, **asked)
        return text, templates.render("confirm.html.j2", letter.language, **asked)
    return _items(letter, links, templates, texts)


def _items(letter: Letter, links: Links, templates: Templates, texts: Texts) -> tuple[str, str]:
    entries = [_shown(entry, letter, links, texts) for entry in letter.entries]
    values = {
        "intro": _intro(letter, texts),
        "footer": [_footer(s, letter, links, texts) for s in letter.subscriptions],
    }
    text = templates.render("items.txt.j2", letter.language, entries=entries, **values)
    for full, brief in _SIZES:
        listed = {
            "entries": entries[:full],
            "brief": entries[full : full + brief],
            "rest": len(entries) - full - brief,
        }
        html = templates.render("items.html.j2", letter.language, **listed, **values)
        if len(html.encode()) < HTML_LIMIT:
            break
    return text, html


def _subject(letter: Letter, texts: Texts) -> str:
    match letter.kind:
        case Kind.OPERATOR:
            return letter.subject
        case Kind.CONFIRM:
            return texts("subject_confirm")
    count = len(letter.entries)
    if letter.kind is Kind.DIGEST and letter.slot:
        day = _date(letter.slot, letter.language)
        return texts("subject_digest_one" if count == 1 else "subject_digest", date=day, count=count)
    if count == 1:
        return excerpt(letter.entries[0].title, 180)
    return texts("subject_bundle", count=count)


def _intro(letter: Letter, texts: Texts) -> str:
    if letter.kind is Kind.DIGEST and letter.slot:
        return texts("intro_digest", date=_date(letter.slot, letter.language))
    return texts("intro_instant" if len(letter.entries) == 1 else "intro_bundle")


def _confirmation(letter: Letter, links: Links, texts: Texts) -> dict[str, object]:
    (subscription,) = letter.subscriptions
    requested_at = letter.requested_at
    assert requested_at is not None  # a confirmation is asked for at some time
    until = (requested_at + CONFIRM_WITHIN).astimezone(ZoneInfo(letter.zone))
    return {
        "query": _query(subscription, texts),
        "every": texts(f"every_{subscription.every}"),
        "until": _date(until.date(), letter.language),
        "link": links.confirm(letter.language, subscription.id, requested_at),
    }


def _footer(subscription: Speaking, letter: Letter, links: Links, texts: Texts) -> dict[str, str]:
    return {
        "why": texts("footer_why", query=_query(subscription, texts), every=texts(f"every_{subscription.every}")),
        "leave": links.leave(letter.language, (subscription.id,)),
        "preferences": links.preferences(letter.language, subscription.id),
    }


def _query(subscription: Speaking, texts: Texts) -> str:
    return texts("quoted", text=clean(subscription.query)) if subscription.query else texts("everything")


def _shown(entry: Entry, letter: Letter, links: Links, texts: Texts) -> Shown:
    page = links.item(letter.language, entry.item_id)
    title = clean(entry.title)
    summary = excerpt(entry.summary, EXCERPT)
    published = entry.published.astimezone(ZoneInfo(letter.zone)).date()
    return Shown(
        title=title,
        short_title=excerpt(title, EXCERPT),
        url=_usable(entry.url) or page,
        language=entry.language,
        source=clean(entry.source),
        date=_date(published, letter.language),
        excerpt=summary,
        excerpt_lines=wrap(summary, WIDTH, break_long_words=False, break_on_hyphens=False),
        themes=", ".join(_labels(entry, letter.language, texts)),
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
    return whole if len(whole) <= limit else shorten(whole, limit, placeholder=" …")


def clean(text: str) -> str:
    """Text without control characters and line breaks; everything else as the publisher wrote it."""
    flat = (" " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character for character in text)
    return "".join(flat).strip()


def _date(day: date, language: str) -> str:
    long = format_date(day, "long", locale=language)
    return f"1er{long[1:]}" if language == "fr" and day.day == 1 else long  # CLDR's French knows no "1er"


def _domain(address: str) -> str:
    return address.rpartition("@")[2] or "localhost"
