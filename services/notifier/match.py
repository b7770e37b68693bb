"""Pure. One archived item against the subscriptions that find it: whom it reaches, how soon, and why."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shared.items import ArchivedItem, latest
from shared.moments import ahead
from shared.query.match import Document, matches
from shared.query.syntax import Query
from shared.subscriptions.options import SURE, Strength, mode
from shared.subscriptions.reasons import reasons
from shared.subscriptions.words import Every, Why, strongest

TOO_OLD: Final = timedelta(hours=48)
LATE: Final = "matched more than 48 h after its items were first seen"


@dataclass(frozen=True, slots=True)
class Known:
    """An active subscription, its query parsed; `text` is the query as it is stored."""

    id: str
    person: str
    every: Every
    confirmed_at: datetime
    query: Query
    strength: Strength = Strength.MORE
    text: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A subscription that found the item, and the parts of its query that did.

    `sure`: it would have with the surest tags alone. `every` is how it brings the item, which may hang on that.
    """

    subscription: str
    every: Every
    reasons: tuple[Why, ...]
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Reached:
    """A person whom the item reaches, by at least one subscription; the strongest mode wins."""

    person: str
    every: Every
    found: tuple[Found, ...]


def passed_over(item: ArchivedItem) -> bool:
    """Old material that entered in bulk mails nobody, unless an operator released it."""
    return item.entered_in_bulk and item.released_at is None


def too_late(item: ArchivedItem, now: datetime) -> bool:
    """The news is old by the time we look at it: whether it is still worth a mail, a person decides."""
    return now - latest(item.first_seen, item.released_at) > TOO_OLD


def held_because(item: ArchivedItem, now: datetime, restored: str | None) -> str | None:
    """Why a person decides about mail of this item; `restored` is what a restore says of it."""
    return restored or (LATE if too_late(item, now) else None)


def reached(
    item: ArchivedItem, document: Document, matching: Iterable[Known], now: datetime
) -> tuple[Reached, ...]:
    """Whom the item reaches, by those subscriptions that find it and were confirmed before it was first seen.

    One that was confirmed in the future, by a clock that was ahead, was confirmed before.
    """
    by_person: dict[str, list[Found]] = defaultdict(list)
    surest = surely(item, document)
    for known in matching:
        if item.first_seen >= known.confirmed_at or ahead(known.confirmed_at, now):
            sure = surest is document or matches(known.query, surest)
            every = mode(known.every, known.strength, sure=sure)
            by_person[known.person].append(Found(known.id, every, reasons(known.query, item, document), sure))
    return tuple(
        Reached(
            person, strongest(*(each.every for each in found)), tuple(sorted(found, key=lambda f: f.subscription))
        )
        for person, found in sorted(by_person.items())
    )


def surely(item: ArchivedItem, document: Document) -> Document:
    """The document with its surest tags alone; the same where it has no other."""
    scores = item.verdict.scores
    sure = frozenset(theme for theme in document.themes if scores.get(theme, 1.0) >= SURE)
    return document if sure == document.themes else replace(document, themes=sure)
