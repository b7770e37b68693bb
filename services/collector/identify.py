"""Pure. Who is who in a document: gives every entry the key by which its source knows it, and drops doubles.

A link that stands twice in the document, or leads to the site or the listing itself, identifies nothing; neither
does a guid that stands twice, nor a word that software writes where it knows none (`N/A`). What names an entry is
its guid, else its link with the place in the page, else guid or link with the title.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.collector.entries import ParsedEntry
from services.collector.similarity import Prints
from shared.errors import BadInput
from shared.identity import canonical_url, content_hash, item_id_for_guid, item_id_for_url

MOST_TEXT: Final = 200_000  # bytes of UTF-8 that an item carries
_NO_NAME: Final = re.compile(r"\s*(n/?a|none|null|nil|undefined|unknown|-+|#|0)?\s*", re.IGNORECASE)
_PROTECTED: Final = re.compile(r"(Geschützt|Protégé|Protected)\s*:")  # as WordPress writes it
_PROTECTED_TEXT: Final = re.compile(r"geschützt|protégé|protected", re.IGNORECASE)
TITLE_FROM_TEXT: Final = 100  # characters of the text that stand in for a missing title


@dataclass(frozen=True, slots=True)
class Identified:
    """An entry with its names. `url_key` is None where the link does not identify it.

    `entry` is as published, and so are the words that all names are made of: better cleaning makes nothing new of
    what was seen. `decide` cuts the contacts from what travels.

    `fresh_id` is the item id for an entry that was never seen; `guid_id` the one that its link plays no part in.
    `renamed`: it has a name besides its link, so that another entry may have stood at the same address.
    """

    entry: ParsedEntry
    entry_key: str
    url_key: str | None
    fresh_id: str
    guid_id: str
    content_hash: str
    prints: Prints
    truncated: bool
    renamed: bool = False

    @property
    def title_key(self) -> str:
        return self.prints.title_key

    @property
    def text_key(self) -> str:
        return self.prints.text_key

    @property
    def fingerprint(self) -> str:
        return self.prints.sketch


@dataclass(frozen=True, slots=True)
class _Kept:
    """An entry as it is published, cut to what an item carries, and what tells its words."""

    entry: ParsedEntry
    truncated: bool
    words: str
    prints: Prints


def identify(entries: Iterable[ParsedEntry], source: str, pages: Sequence[str | None]) -> tuple[Identified, ...]:
    """The entries that say anything, each once, in the document's order.

    `pages` are the addresses of the site, the listing and the feed, which identify no entry.
    """
    kept = _without_doubles(_kept(entry) for entry in entries if _says_anything(entry))
    links = Counter(_address(one.entry.url) for one in kept)
    guids = Counter(one.entry.guid for one in kept)
    own = {_canonical_address(page) for page in pages}
    named: dict[str, Identified] = {}
    for one in kept:
        address, guid = _address(one.entry.url), one.entry.guid
        by_link = bool(address) and links[address] == 1 and address not in own
        identified = _identified(one, source, by_link=by_link, by_guid=bool(guid) and guids[guid] == 1)
        named.setdefault(identified.entry_key, identified)
    return tuple(named.values())


def _identified(one: _Kept, source: str, *, by_link: bool, by_guid: bool) -> Identified:
    entry = one.entry
    url_key = item_id_for_url(entry.url) if by_link and entry.url else None
    by_place = not by_guid and url_key is not None and bool(entry.place)
    guid_id = item_id_for_guid(source, _name(entry, by_guid=by_guid, by_place=by_place))
    return Identified(
        entry=entry,
        entry_key=url_key if url_key and not (by_guid or by_place) else guid_id,
        url_key=url_key,
        fresh_id=url_key or guid_id,
        guid_id=guid_id,
        content_hash=one.words,
        prints=one.prints,
        truncated=one.truncated,
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


def _kept(published: ParsedEntry) -> _Kept:
    entry, truncated = _cut(_usable(published))
    words = content_hash(entry.title, entry.summary, entry.text)
    return _Kept(entry, truncated, words, Prints(entry.title, entry.text or entry.summary))


def _without_doubles(found: Iterable[_Kept]) -> list[_Kept]:
    """Each entry once.

    The first of those with the same link and words, the same guid and link, or the same title, text and day.
    """
    entries = list(found)
    titles = Counter((_day(one.entry), one.prints.title_key) for one in entries)  # few texts need a look then
    seen: set[tuple[str | None, ...]] = set()
    kept = []
    for one in entries:
        entry = one.entry
        names: list[tuple[str | None, ...]] = [("words", entry.url or entry.guid, one.words)]
        if entry.guid and entry.url:
            names.append(("guid", entry.guid, entry.url))
        day = _day(entry)
        if titles[day, one.prints.title_key] > 1 and one.prints.text_key:
            names.append(("said", one.prints.title_key, one.prints.text_key, day))
        if not seen.intersection(names):
            kept.append(one)
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


def _address(canonical: str | None) -> str:
    """A canonical address without its scheme, for comparing."""
    return canonical.partition("://")[2].rstrip("/") if canonical else ""


def _canonical_address(url: str | None) -> str:
    try:
        return _address(canonical_url(url)) if url else ""
    except BadInput:
        return ""
