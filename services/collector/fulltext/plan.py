"""Pure. For which items a page is read, and what its words make of an item.

The hash that tells whether an item changed stays that of the feed's words: a page that changes makes no event.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.collector.contacts import without_contacts
from services.collector.identify import MOST_TEXT
from shared.items import CollectedItem
from shared.text.fold import fold
from shared.text.html import tidy

ENOUGH: Final = 2000  # characters of the feed's own text from which it is the whole
LEAST: Final = 200  # characters of a page that may be a text
PAGE, DOCUMENT = "page", "pdf"  # where an item's text is from, besides the feed
TITLE_IN_COMMON: Final = 1 / 3  # share of the title's words that the page's text has, too; or else
SUMMARY_IN_COMMON: Final = 0.5  # of the summary's
_TELLING: Final = re.compile(r"[^\W\d_]{4,}")
_GOES_ON: Final = re.compile(
    r"(…|\.\.\.|\[…\]|\[\.\.\.\]|weiterlesen|lire la suite|read more)\W*\Z", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Told:
    """What reading pages came to: how many gave their words, how many did not, and the last reason."""

    read: int = 0
    missed: int = 0
    problem: str | None = None


def wants_page(item: CollectedItem) -> bool:
    """Whether the feed says so little that the page is worth a request."""
    own = item.text or item.summary
    return len(own) < ENOUGH or _GOES_ON.search(own) is not None


def below_title(item: CollectedItem, text: str) -> str:
    """The text of a page without the headline that the item has anyway."""
    title = _letters(item.title)
    return "\n".join(line for line in text.split("\n") if _letters(line) != title).strip()


def why_not(item: CollectedItem, text: str) -> str:
    """Why the text of a page is not the item's: cookie walls and error pages are texts, too. Empty where it is."""
    if len(text) < LEAST:
        return "its page shows no text"
    said = _telling(text)
    shares = ((_telling(item.title), TITLE_IN_COMMON), (_telling(item.summary), SUMMARY_IN_COMMON))
    compared = [(words, share) for words, share in shares if words]
    if compared and all(len(words & said) < share * len(words) for words, share in compared):
        return "its page speaks of something else"
    return ""


def _telling(text: str) -> set[str]:
    return set(_TELLING.findall(fold(text)))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def with_text(item: CollectedItem, text: str, origin: str) -> CollectedItem:
    """The item with the words of its page, cleaned as all texts are, and cut at what an item carries."""
    encoded = without_contacts(tidy(text)).encode("utf-8", "replace")
    kept = encoded[:MOST_TEXT].decode("utf-8", "ignore")
    if len(kept) <= len(item.text):
        return item
    return item.model_copy(
        update={"text": kept, "truncated": item.truncated or len(encoded) > MOST_TEXT, "text_from": origin}
    )


def without_text(item: CollectedItem, why: str) -> CollectedItem:
    """The item as the feed has it, and why there is no more."""
    return item.model_copy(update={"text_missing": why})


def told(items: Sequence[CollectedItem]) -> Told:
    """What is to be said of a source after these items were looked after."""
    missed = [item.text_missing for item in items if item.text_missing]
    return Told(sum(bool(item.text_from) for item in items), len(missed), missed[-1] if missed else None)
