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
    """A subscription that speaks in a mail."""

    id: str
    query: str
    every: Every


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one person. A confirmation has one subscription and no entry; an operator's mail has a note."""

    delivery: str
    kind: Kind
    language: str
    recipient: str
    zone: str
    person: str = ""
    subscriptions: tuple[Speaking, ...] = ()
    entries: tuple[Entry, ...] = ()
    slot: date | None = None
    requested_at: datetime | None = None
    subject: str = ""
    note: str = ""
