"""Pure. Decides what of a parsed document is published, on which lane, and what is remembered of it.

The rules: an entry keeps the item id and the purpose it was given first. At the first successful poll of a source
what was published within 48 hours is live and the rest backfill; later, what was never seen is live. From then on
the flood guard holds single entries that seem to repeat a seen one, or are dated 48 hours before the last visit
and more. There is no date watermark: what counts is the seen-set; `sameness` tells a new name from a new entry.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.collector.contacts import without_contacts
from services.collector.identify import Identified
from services.collector.sameness import Said, Sameness, sameness
from services.collector.similarity import AKIN, akin, alike
from shared.items import CollectedItem, Purpose

FRESH: Final = timedelta(hours=48)
LONGEST_TITLE: Final = 300  # of what the seen-set remembers
DATED: Final = "dated"  # how the reason of a hold begins that rests on dates, ours and the publisher's
FUTURE: Final = timedelta(hours=24)  # zones gone wrong; a date further ahead is that of an event


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What the rules need to know of a source. `last_success` is None before its first successful poll.

    `full_text` is false where its terms allow the summary only.
    """

    id: str
    name: str = ""
    organisation: str = ""
    country: str = ""
    languages: tuple[str, ...] = ()
    full_text: bool = True
    last_success: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the seen-set remembers of an entry. `seen_at` is when its words were."""

    entry_key: str
    item_id: str
    content_hash: str
    purpose: Purpose
    url_key: str | None = None
    title_key: str = ""
    text_key: str = ""
    fingerprint: str = ""
    title: str = ""
    published: datetime | None = None
    seen_at: datetime | None = None

    @property
    def said(self) -> Said:
        return Said(self.title, self.title_key, self.text_key, self.fingerprint, self.published)


@dataclass(frozen=True, slots=True)
class Held:
    """An entry that the flood guard sends to the archive without mail, and why."""

    entry_key: str
    item: CollectedItem
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with a document: publish on the two lanes, then remember. Lists are oldest first."""

    live: tuple[CollectedItem, ...] = ()
    bulk: tuple[CollectedItem, ...] = ()
    remember: tuple[Known, ...] = ()
    held: tuple[Held, ...] = ()
    new: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class _Decision:
    item: CollectedItem | None
    known: Known | None
    purpose: Purpose
    new: bool = False
    held: str = ""


def decide(
    entries: Sequence[Identified],
    known: Iterable[Known],
    source: SourceFacts,
    now: datetime,
    language: str | None = None,
) -> Plan:
    """The plan for a document fetched at `now`. `language` is what the document declares."""
    seen = _SeenSet(known, entries, now)
    decisions = [_decide(entry, seen, source, now, language) for entry in entries]
    decisions.reverse()  # documents are newest first; the archive takes the oldest first
    return Plan(
        live=tuple(d.item for d in decisions if d.item and d.purpose is Purpose.LIVE),
        bulk=tuple(d.item for d in decisions if d.item and d.purpose is not Purpose.LIVE),
        remember=tuple(d.known for d in decisions if d.known),
        held=tuple(Held(d.known.entry_key, d.item, d.held) for d in decisions if d.held and d.item and d.known),
        new=sum(d.new for d in decisions),
        changed=sum(d.item is not None and not d.new for d in decisions),
        unchanged=sum(d.item is None for d in decisions),
    )


def sane(moment: datetime | None, now: datetime) -> datetime | None:
    """A date of publication that can be one: not more than a day ahead."""
    return moment if moment is not None and moment <= now + FUTURE else None


class _SeenSet:
    """The seen-set, by all the names under which the entries of a document may come back."""

    def __init__(self, known: Iterable[Known], entries: Sequence[Identified], now: datetime) -> None:
        rows = tuple(known)
        self._now = now
        self._by_key = {row.entry_key: row for row in rows}
        self._by_url = {row.url_key: row for row in rows if row.url_key}
        self._by_title = _grouped((row.title_key, row) for row in rows)
        self._by_text = _grouped((row.text_key, row) for row in rows)
        self.item_ids = {row.item_id for row in rows}
        # the items that other entries of the document are, by the names they always had
        self._present = {row.item_id for entry in entries if (row := self._by_name(entry))}

    def known(self, entry: Identified) -> Known | None:
        """What this entry is by its name, else by its link, else by its words under new names."""
        return self._by_name(entry) or self._by_link(entry) or self._like(entry, Sameness.SAME)

    def repeated(self, entry: Identified) -> Known | None:
        """A seen entry that this new one may repeat under another name."""
        return self._like(entry, Sameness.DOUBT)

    def _by_name(self, entry: Identified) -> Known | None:
        """The entry of this name; other words at another address are another, as where guids count places."""
        row = self._by_key.get(entry.entry_key)
        if row is None or not (row.url_key and entry.url_key) or row.url_key == entry.url_key:
            return row
        return None if _says_something_else(row.said, self._said(entry)) else row

    def _by_link(self, entry: Identified) -> Known | None:
        """The entry at the same address; other words there, under another guid, are another entry."""
        row = self._by_url.get(entry.url_key) if entry.url_key else None
        if row is None or row.item_id in self._present:
            return None
        return None if entry.renamed and _says_something_else(row.said, self._said(entry)) else row

    def _like(self, entry: Identified, wanted: Sameness) -> Known | None:
        said = self._said(entry)
        rows: list[Known] = list(self._by_title.get(entry.title_key, ()))
        if entry.text_key:
            rows += self._by_text.get(entry.text_key, ())
        for row in rows:
            if sameness(row.said, said, present=row.item_id in self._present) is wanted:
                return row
        return None

    def _said(self, entry: Identified) -> Said:
        title = entry.entry.title[:LONGEST_TITLE]
        return Said(title, entry.title_key, entry.text_key, entry.fingerprint, _published(entry, self._now))


def _says_something_else(old: Said, new: Said) -> bool:
    """Whether neither titles nor texts of two entries have much in common."""
    return old.title_key != new.title_key and not akin(old.title, new.title) and not _texts_akin(old, new)


def _texts_akin(old: Said, new: Said) -> bool:
    if not (old.fingerprint and new.fingerprint):
        return bool(new.text_key) and old.text_key == new.text_key
    return alike(old.fingerprint, new.fingerprint) >= AKIN


def _decide(
    entry: Identified, seen: _SeenSet, source: SourceFacts, now: datetime, language: str | None
) -> _Decision:
    known = seen.known(entry)
    if known is None:
        return _decide_new(entry, seen, source, now, language)
    same = known.content_hash == entry.content_hash
    if same and (known.entry_key, known.url_key) == (entry.entry_key, entry.url_key):
        return _Decision(None, None, known.purpose)
    remembered = _known(entry, known.item_id, known.purpose, now, known.published)
    item = None if same else _item(entry, known.item_id, source, now, language, known.published)
    return _Decision(item, remembered, known.purpose)


def _decide_new(
    entry: Identified, seen: _SeenSet, source: SourceFacts, now: datetime, language: str | None
) -> _Decision:
    # the link may belong to a seen entry whose own link changed: then only the guid tells the two apart
    item_id = entry.guid_id if entry.fresh_id in seen.item_ids else entry.fresh_id
    held = "" if source.last_success is None else _guard(entry, seen, source.last_success)
    purpose = Purpose.BACKFILL if held or not _is_live(entry, source, now) else Purpose.LIVE
    item = _item(entry, item_id, source, now, language, None)
    return _Decision(item, _known(entry, item_id, purpose, now, None), purpose, new=True, held=held)


def _is_live(entry: Identified, source: SourceFacts, now: datetime) -> bool:
    if source.last_success is not None:
        return True
    published = _published(entry, now)
    return published is not None and published >= now - FRESH


def _guard(entry: Identified, seen: _SeenSet, last_success: datetime) -> str:
    """Why the flood guard holds this new entry; empty when it does not."""
    if row := seen.repeated(entry):
        return f"repeats an entry that was seen before: {row.title[:120]!r}"
    published = entry.entry.published or entry.entry.updated
    if published is not None and published < last_success - FRESH:
        return f"{DATED} {published:%Y-%m-%d}, long before the last successful poll"
    return ""


def _published(entry: Identified, now: datetime) -> datetime | None:
    return sane(entry.entry.published, now) or sane(entry.entry.updated, now)


def _known(entry: Identified, item_id: str, purpose: Purpose, now: datetime, published: datetime | None) -> Known:
    return Known(
        entry_key=entry.entry_key,
        item_id=item_id,
        content_hash=entry.content_hash,
        purpose=purpose,
        url_key=entry.url_key,
        title_key=entry.title_key,
        text_key=entry.text_key,
        fingerprint=entry.fingerprint,
        title=entry.entry.title[:LONGEST_TITLE],
        published=published or _published(entry, now),
    )


def _item(
    entry: Identified,
    item_id: str,
    source: SourceFacts,
    now: datetime,
    language: str | None,
    first_published: datetime | None,
) -> CollectedItem:
    words = entry.entry
    return CollectedItem(
        item_id=item_id,
        source=source.id,
        source_name=source.name,
        organisation=source.organisation,
        country=source.country,
        languages=source.languages,
        declared_language=words.language or language,
        guid=words.guid,
        url=words.url,
        title=words.title,
        summary=without_contacts(words.summary),
        text=without_contacts(words.text) if source.full_text else "",
        truncated=entry.truncated,
        authors=words.authors,
        categories=words.categories,
        # an update moves `updated`; where only that is written, the first one stays the date of publication
        published=sane(words.published, now) or first_published or _published(entry, now),
        published_on=words.published_on if words.published and sane(words.published, now) else None,
        published_raw=words.published_raw,
        updated=words.updated,
        fetched_at=now,
        content_hash=entry.content_hash,
    )


def _grouped(pairs: Iterable[tuple[str, Known]]) -> dict[str, list[Known]]:
    groups: dict[str, list[Known]] = {}
    for key, row in pairs:
        groups.setdefault(key, []).append(row)
    return groups
