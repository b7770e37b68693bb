"""Pure. Whether an entry under a new name is one that was seen before.

Words, dates and what else stands in the document decide together. A publisher's software gives entries new names
(another CMS, another address, a corrected title), and publishers write the same words again (a weekly report). No
single sign tells the two apart: the table in docs/entries.md says how.

One name is one entry, unless neither words nor address have anything in common: some guids only count places.

Doubt is held back from mail, shown, and released by an operator.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.collector.similarity import ALIKE, TELLING, alike, similar_titles, words_of_title

APART: Final = timedelta(days=1)


class Sameness(StrEnum):
    """What a new name means."""

    SAME = "same"
    DOUBT = "doubt"
    ANOTHER = "another"


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry says, as far as the seen-set remembers it."""

    title: str
    title_key: str
    text_key: str
    fingerprint: str
    published: datetime | None


class _Words(StrEnum):
    SAME = "same"
    ALIKE = "alike"
    TITLE = "title"  # the title is the same, and nothing else can be compared
    OTHER = "other"


def sameness(old: Said, new: Said, *, present: bool) -> Sameness:
    """Whether `new` is `old`. `present`: another entry of the same document is `old` already."""
    words = _words(old, new)
    if words is _Words.OTHER:
        return Sameness.ANOTHER
    short = words is _Words.TITLE and len(words_of_title(new.title)) < TELLING
    if _apart(old.published, new.published):
        return Sameness.ANOTHER if present or short else Sameness.DOUBT
    if not present or words is _Words.SAME:
        return Sameness.SAME
    return Sameness.ANOTHER if short else Sameness.DOUBT


def _words(old: Said, new: Said) -> _Words:
    same_title = old.title_key == new.title_key
    if new.text_key and old.text_key == new.text_key and (same_title or similar_titles(old.title, new.title)):
        return _Words.SAME
    if not same_title:
        return _Words.OTHER
    if not (old.fingerprint and new.fingerprint):
        return _Words.TITLE
    return _Words.ALIKE if alike(old.fingerprint, new.fingerprint) >= ALIKE else _Words.OTHER


def _apart(first: datetime | None, second: datetime | None) -> bool:
    return first is not None and second is not None and abs(first - second) >= APART
