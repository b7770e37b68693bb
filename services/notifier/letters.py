"""Pure. What a mail says, before it is written: the data that both of its parts are made from."""

from dataclasses import dataclass
from datetime import date, datetime

from shared.subscriptions.words import Every, Kind, Why


@dataclass(frozen=True, slots=True)
class Entry:
    """One story in a mail. `also` are the other sources that were seen with it; `model` is what tagged it."""

    item_id: str
    title: str
    url: str | None
    source: str
    published: datetime
    language: str
    summary: str
    themes: tuple[str, ...]
    organisations: tuple[str, ...]
    sovereignty: float
    franco_german: bool
    model: str
    why: tuple[Why, ...]
    also: tuple[str, ...] = ()
    published_on: date | None = None


@dataclass(frozen=True, slots=True)
class Speaking:
    """A subscription that speaks in a mail; of a confirmation a wish, and when it was asked for."""

    id: str
    query: str
    every: Every
    language: str = ""
    requested_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one person. A confirmation has wishes and no entry; an operator's mail has a note.

    `unnamed` counts the wishes that are open besides those that a confirmation names.
    """

    delivery: str
    kind: Kind
    language: str
    recipient: str
    zone: str
    person: str = ""
    subscriptions: tuple[Speaking, ...] = ()
    entries: tuple[Entry, ...] = ()
    slot: date | None = None
    unnamed: int = 0
    subject: str = ""
    note: str = ""
