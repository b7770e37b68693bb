"""What the machine lately said, in numbers: metrics that show when a model, or what it reads, drifts."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from math import inf
from typing import Final

from sqlalchemy import select
from sqlmodel import Session, col

from shared.archive.tables import ItemRow, VerdictRow
from shared.archive.verdicts import FRANCO_GERMAN, SOVEREIGNTY
from shared.items import LANGUAGES, OTHER
from shared.themes import themes

WINDOW: Final = timedelta(hours=24)
MOST: Final = 5000  # items looked at, the newest: what a look costs does not grow with the news
BOUNDS: Final = (0.2, 0.5, 0.8, inf)  # scores up to these are counted together


@dataclass(frozen=True, slots=True)
class Lately:
    """The machine's verdicts on live items first seen within WINDOW, people's corrections left out.

    `models` by name, `items` by language; `given` by (language, label): those that got a theme or the
    Franco-German flag; `scores` by (language, label, bound): those whose score of a theme or of sovereignty is not
    above the bound. Every language, label and bound is there, with 0 where there is nothing.
    """

    models: Mapping[str, int]
    items: Mapping[str, int]
    given: Mapping[tuple[str, str], int]
    scores: Mapping[tuple[str, str, float], int]


@dataclass(frozen=True, slots=True)
class _Said:
    """What counts of a verdict here, in the order of the columns that are read."""

    language: str
    model: str
    themes: list[str]
    scores: dict[str, float]
    sovereignty: float
    franco_german: bool


def lately(session: Session, now: datetime) -> Lately:
    """One look, by the index on `first_seen`. Items that entered in bulk are left out: an import is no drift."""
    languages, labels = (*LANGUAGES, OTHER), tuple(themes())
    models: Counter[str] = Counter()
    items = Counter(dict.fromkeys(languages, 0))
    given = Counter({(lang, label): 0 for lang in languages for label in (*labels, FRANCO_GERMAN)})
    scores = Counter(
        {(lang, label, bound): 0 for lang in languages for label in (*labels, SOVEREIGNTY) for bound in BOUNDS}
    )
    for said in _newest(session, now):
        lang = said.language if said.language in LANGUAGES else OTHER
        models[said.model] += 1
        items[lang] += 1
        given.update((lang, label) for label in _given(said))
        scores.update((lang, label, bound) for label, bound in _bounds(said, labels))
    return Lately(models, items, given, scores)


def _newest(session: Session, now: datetime) -> Iterator[_Said]:
    """The machine's verdict that counts on each of the newest live items."""
    counting = (
        (col(VerdictRow.item_id) == col(ItemRow.item_id))
        & (col(VerdictRow.revision) == col(ItemRow.revision))
        & (col(VerdictRow.model) == col(ItemRow.model))
    )
    wanted = (
        select(*(getattr(VerdictRow, field.name) for field in fields(_Said)))
        .select_from(ItemRow)
        .join(VerdictRow, counting)
        .where(col(ItemRow.first_seen) > now - WINDOW, col(ItemRow.entered_in_bulk).is_(False))
        .order_by(col(ItemRow.first_seen).desc())
        .limit(MOST)
    )
    return (_Said(*row) for row in session.execute(wanted))


def _given(said: _Said) -> Sequence[str]:
    known = [theme for theme in themes() if theme in said.themes]
    return [*known, FRANCO_GERMAN] if said.franco_german else known


def _bounds(said: _Said, labels: Sequence[str]) -> Sequence[tuple[str, float]]:
    """(label, bound) for every bound that the score of the label does not exceed; a score not told is 0."""
    told = {**{label: said.scores.get(label, 0.0) for label in labels}, SOVEREIGNTY: said.sovereignty}
    return [(label, bound) for label, score in told.items() for bound in BOUNDS if score <= bound]
