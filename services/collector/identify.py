"""Pure. Who is who in a document: gives every entry the key by which its source knows it, and drops doubles.

A link that stands twice in the document, or leads to the site or the listing itself, identifies nothing; neither
does a guid that stands twice, nor a word that software writes where it knows none (`N/A`). What names an entry is
its guid, else its link with the place in the page, else guid or link with the title.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from services.collector.contacts import without_contacts
from services.collector.entries import ParsedEntry
from services.collector.similarity import sketch, text_key, title_key
from shared.errors import BadInput
from shared.identity import canonical_url, content_hash, item_id_for_guid, item_id_for_url

MOST_TEXT: Final = 200_000  # bytes of UTF-8 that an item carries
_NO_NAME: Final = re.compile(r"\s*(n/?a|none|null|nil|undefined|unknown|-+|#|0)?\s*", re.IGNORECASE)
_PROTECTED: Final = re.compile(r"(Geschützt|Protégé|Protected)\s*:")  # as WordPress writes it
_PROTECTED_TEXT: Final = re.compile(r"geschützt|protégé|protected", re.IGNORECASE)
TITLE_FROM_TEXT: Final = 100  # characters of the text that stand in for a missing title


@dataclass(frozen=True)
class Identified:
    """An entry with its names. `url_key` is None where the link does not identify it.

    `entry` is what travels, without contacts; all names are made of the words as published, `original`, so that
    better cleaning makes nothing new of what was seen.

    `fresh_id` is the item id for an entry that was never seen; `guid_id` the one that its link plays no part in.
    `renamed`: it has a name besides its link, so that another entry may have stood at the same address.
    """

    entry: ParsedEntry
    original: ParsedEntry
    entry_key: str
    url_key: str | None
    fresh_id: str
    guid_id: str
    content_hash: str
    truncated: bool
    renamed: bool = False

    @cached_property
    def title_key(self) -> str:
        return title_key(self.original.title)

    @cached_property
    def text_key(self) -> str:
        return text_key(self._words)

    @cached_property
    def fingerprint(self) -> str:
        return sketch(self._words)

    @property
    def _words(self) -> str:
        return self.original.text or self.original.summary


def identify(entries: Iterable[ParsedEntry], source: str, pages: Sequence[str | None]) -> tuple[Identified, ...]:
    """The entries that say anything, each once, in the document's order.

    `pages` are the addresses of the site, the listing and the feed, which identify no entry.
    """
    kept = _without_doubles(_usable(entry) for entry in entries if _says_anything(entry))
    links = Counter(_address(entry.url) for entry in kept)
    guids = Counter(entry.guid for entry in kept)
    own = {_address(page) for page in pages}
    named: dict[str, Identified] = {}
    for entry in kept:
        address = _address(entry.url)
        by_link = bool(address) and links[address] == 1 and address not in own
        by_guid = bool(entry.guid) and guids[entry.guid] == 1
        identified = _identified(entry, source, by_link=by_link, by_guid=by_guid)
        named.setdefault(identified.entry_key, identified)
    return tuple(named.values())


def _identified(entry: ParsedEntry, source: str, *, by_link: bool, by_guid: bool) -> Identified:
    cut, truncated = _cut(entry)
    url_key = item_id_for_url(entry.url) if by_link and entry.url else None
    by_place = not by_guid and url_key is not None and bool(entry.place)
    guid_id = item_id_for_guid(source, _name(entry, by_guid=by_guid, by_place=by_place))
    return Identified(
        entry=replace(cut, summary=without_contacts(cut.summary), text=without_contacts(cut.text)),
        original=cut,
        entry_key=url_key if url_key and not (by_guid or by_place) else guid_id,
        url_key=url_key,
        fresh_id=url_key or guid_id,
        guid_id=guid_id,
        content_hash=content_hash(cut.title, cut.summary, cut.text),
        truncated=truncated,
        renamed=by_guid or by_place,
    )


def _name(entry: ParsedEntry, *, by_guid: bool, by_place: bool) -> str:
    if by_guid:
        return f"guid {entry.guid}"
    if by_place:
        return f"place {entry.url}#{entry.place}"
    return f"words {entry.guid or entry.url or ''} {entry.title}"


def _says_anything(entry: ParsedEntry) -> bool:
    """Whether there is something to read: a release behind a password shows a placeholder."""
    if _PROTECTED.match(entry.title) and (not entry.summary or _PROTECTED_TEXT.search(entry.summary)):
        return False
    return bool(entry.title or entry.summary or entry.text)


def _usable(entry: ParsedEntry) -> ParsedEntry:
    """The entry without names that are none, and with a title: if need be, the first words of its text."""
    if entry.guid is not None and _NO_NAME.fullmatch(entry.guid):
        entry = replace(entry, guid=None)
    if entry.title:
        return entry
    words = " ".join((entry.summary or entry.text).split())
    title = words if len(words) <= TITLE_FROM_TEXT else f"{words[:TITLE_FROM_TEXT].rpartition(' ')[0] or words}…"
    return replace(entry, title=title[: TITLE_FROM_TEXT + 1])


def _without_doubles(entries: Iterable[ParsedEntry]) -> list[ParsedEntry]:
    """Each entry once.

    The first of those with the same link and words, the same guid and link, or the same title, text and day.
    """
    seen: set[tuple[str | None, ...]] = set()
    kept = []
    for entry in entries:
        words = content_hash(entry.title, entry.summary, entry.text)
        names: list[tuple[str | None, ...]] = [("words", entry.url or entry.guid, words)]
        if entry.guid and entry.url:
            names.append(("guid", entry.guid, entry.url))
        if text := text_key(entry.text or entry.summary):
            names.append(("said", title_key(entry.title), text, _day(entry)))
        if not seen.intersection(names):
            kept.append(entry)
        seen.update(names)
    return kept


def _day(entry: ParsedEntry) -> str:
    moment = entry.published or entry.updated
    return f"{moment:%Y-%m-%d}" if moment else ""


def _cut(entry: ParsedEntry) -> tuple[ParsedEntry, bool]:
    """Summary and text together within the limit, and whether anything was cut."""
    summary, cut_summary = _first_bytes(entry.summary, MOST_TEXT)
    text, cut_text = _first_bytes(entry.text, MOST_TEXT)
    if not (cut_summary or cut_text):
        return entry, False
    return replace(entry, summary=summary, text=text), True


def _first_bytes(text: str, limit: int) -> tuple[str, bool]:
    if len(text) <= limit // 4:
        return text, False
    encoded = text.encode("utf-8", "replace")
    return (text, False) if len(encoded) <= limit else (encoded[:limit].decode("utf-8", "ignore"), True)


def _address(url: str | None) -> str:
    """A canonical address without its scheme, for comparing."""
    try:
        return canonical_url(url).partition("://")[2].rstrip("/") if url else ""
    except BadInput:
        return ""
