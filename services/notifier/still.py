"""Pure. What of a match still holds when its mail goes: the queries, asked again of the items as they are now.

Between match and mail lie a night, or days when the relay was sick. Meanwhile a person may have corrected a tag,
the publisher the text, the reader the query.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from services.notifier.letters import Speaking
from services.notifier.match import passed_over
from shared.errors import QueryError
from shared.items import ArchivedItem
from shared.query.match import Document, document_of, matches
from shared.query.syntax import Query, parse
from shared.subscriptions.reasons import reasons
from shared.subscriptions.words import Why

DOCUMENTS: Final = 256  # items whose words are kept: one reaches many people in a row, in digests among others


@dataclass(frozen=True, slots=True)
class Voice:
    """A subscription that found a story and is still wanted, and why it found it then.

    `archive`: it shows what the archive held already, before there was a subscription that could bring it.
    """

    subscription: Speaking
    confirmed_at: datetime
    found: tuple[Why, ...]
    archive: bool = False


@dataclass(frozen=True, slots=True)
class Still:
    """What a mail says of a story: the item that it shows, who speaks for the story, and why."""

    item: ArchivedItem
    speaking: tuple[Speaking, ...]
    why: tuple[Why, ...]


def still(voices: Sequence[Voice], items: Iterable[ArchivedItem]) -> Still | None:
    """What still holds of a story; None when no voice finds any of its items now.

    `items` are those of the story, the one that matched first; they are asked for as long as a voice finds none.
    """
    shown: ArchivedItem | None = None
    speaking: dict[str, Speaking] = {}
    why: list[Why] = []
    for item in items:
        for voice in voices:
            if voice.subscription.id in speaking or (said := _says(voice, item)) is None:
                continue
            shown = shown or item
            speaking[voice.subscription.id] = voice.subscription
            why += said
        if len(speaking) == len(voices):
            break
    if shown is None:
        return None
    in_order = tuple(voice.subscription for voice in voices if voice.subscription.id in speaking)
    return Still(shown, in_order, tuple(dict.fromkeys(why)))


def finds(query: str, item: ArchivedItem) -> bool:
    """Whether a query, as it is stored, finds the item as it is."""
    try:
        return matches(_query(query), _document(_AsItIs(item)))
    except QueryError:
        return False


def _says(voice: Voice, item: ArchivedItem) -> Sequence[Why] | None:
    """Why the subscription finds the item as it is now; None when it does not, or never was to bring it."""
    if not voice.archive and (passed_over(item) or item.first_seen < voice.confirmed_at):
        return None
    try:
        query = _query(voice.subscription.query)
    except QueryError:  # the grammar has changed since: what it found then is all that is known
        return voice.found
    document = _document(_AsItIs(item))
    return reasons(query, item, document) if matches(query, document) else None


@lru_cache(maxsize=1024)
def _query(text: str) -> Query:
    return parse(text)


class _AsItIs:
    """An item in one state, as a key: equal where every word of it is."""

    __slots__ = ("item",)

    def __init__(self, item: ArchivedItem) -> None:
        self.item = item

    def __hash__(self) -> int:
        return hash(self.item.item_id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _AsItIs) and self.item == other.item


@lru_cache(maxsize=DOCUMENTS)
def _document(same: _AsItIs) -> Document:
    return document_of(same.item)
