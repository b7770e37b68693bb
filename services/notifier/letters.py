"""Pure. What a mail says, before it is written: the data that both of its parts are made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from shared.items import Spike
from shared.subscriptions.options import USUAL, Options
from shared.subscriptions.words import Every, Kind, Why


@dataclass(frozen=True, slots=True)
class Other:
    """Another item of a story: the same event by somebody else, or in another language."""

    title: str
    url: str | None
    source: str
    language: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One story in a mail. `also` are the other sources that were seen with it, `others` its other items.

    `speaking` are the ids of the subscriptions that found it: it stands under the first, and names the others.
    `added` and `removed` are the sentences that came and went since a mail told of it.
    """

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
    why: tuple[Why, ...]
    also: tuple[str, ...] = ()
    published_on: date | None = None
    speaking: tuple[str, ...] = ()
    others: tuple[Other, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    deadline: date | None = None
    spikes: tuple[Spike, ...] = ()
    takes_place: date | None = None


@dataclass(frozen=True, slots=True)
class Speaking:
    """A subscription that speaks in a mail; of a confirmation a wish, and when it was asked for.

    `group` is the one that an operator owns, empty where the subscription is its reader's own.
    """

    id: str
    query: str
    every: Every
    language: str = ""
    requested_at: datetime | None = None
    confirmed_at: datetime | None = None
    options: Options = USUAL
    group: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """Wider terms for a subscription; `link` is the subject of the link that takes them.

    `count` is how many items they would have brought in the weeks that it brought none.
    """

    query: str
    count: int
    link: str


@dataclass(frozen=True, slots=True)
class Closing:
    """A call that ends soon."""

    day: date
    item_id: str
    title: str
    url: str | None
    source: str
    language: str


@dataclass(frozen=True, slots=True)
class Watched:
    """How many bodies were asked for, and the names of those that were not watched without a gap."""

    total: int
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one person. A confirmation has wishes and no entry; an operator's mail has a note.

    `day` is when a digest was due, of other mails when they were written, where the person lives. `unnamed` counts
    the wishes that are open besides those that a confirmation names. `publishers` are the names of sources that
    its queries name, by their ids. A digest speaks of the time from `since` on, and says who was `watched` then.
    `about` is what the link of a notice of self-service stands for, `until` when it ceases to hold. `offers` are
    wider terms for subscriptions, by their ids. `closing` are calls besides its stories that end soon.
    """

    delivery: str
    kind: Kind
    language: str
    recipient: str
    zone: str
    day: date
    person: str = ""
    subscriptions: tuple[Speaking, ...] = ()
    entries: tuple[Entry, ...] = ()
    publishers: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    watched: Watched | None = None
    unnamed: int = 0
    subject: str = ""
    note: str = ""
    about: str = ""
    until: datetime | None = None
    offers: Mapping[str, tuple[Offer, ...]] = field(default_factory=dict)
    closing: tuple[Closing, ...] = ()
