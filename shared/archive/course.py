"""A trend with what it takes to read it: of how many items, from how many sources, and what changed meanwhile.

A new source or another model bends every curve; whoever sees the curve must see that, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import func, select
from sqlmodel import Session, col

from shared.archive.facets import By, Step, Trend, trend
from shared.archive.tables import ItemRow

MOST: Final = 400  # buckets


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that began in a bucket: a source whose items the query finds, or a model."""

    start: date
    kind: str  # source, model
    name: str


@dataclass(frozen=True, slots=True)
class Course:
    """Counts over time beside `totals`, all items of the archive, and `sources`, those that published any."""

    trend: Trend
    totals: tuple[int, ...]
    sources: tuple[int, ...]
    marks: tuple[Mark, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Of everything that the query finds."""
        return self.trend.counts[""]

    def shares(self, value: str = "") -> tuple[float | None, ...]:
        """Of all items of a bucket, 0..1; None where there are none."""
        return tuple(
            count / total if total else None
            for count, total in zip(self.trend.counts[value], self.totals, strict=True)
        )

    def values(self) -> tuple[str, ...]:
        """What is counted by, the most frequent first."""
        sums = {value: sum(counts) for value, counts in self.trend.counts.items() if value}
        return tuple(sorted(sums, key=lambda value: (-sums[value], value)))


def course(session: Session, query_text: str, by: By | None, *, since: date, until: date, step: Step) -> Course:
    """See `shared.archive.facets.trend`. Raises QueryError."""
    found = trend(session, query_text, by, since=since, until=until, step=step)
    every = trend(session, "", By.SOURCE, since=since, until=until, step=step)
    active = tuple(
        sum(counts[at] > 0 for value, counts in every.counts.items() if value) for at in range(len(every.starts))
    )
    own = every if not query_text else trend(session, query_text, By.SOURCE, since=since, until=until, step=step)
    marks = (*_sources(session, own, since), *_models(session, found, since))
    return Course(found, every.counts[""], active, tuple(sorted(marks, key=lambda mark: (mark.start, mark.name))))


def _sources(session: Session, own: Trend, since: date) -> list[Mark]:
    """The sources of these hits that we have nothing of from before."""
    seen = {value for value in own.counts if value}
    first = select(col(ItemRow.source), func.min(col(ItemRow.day))).group_by(col(ItemRow.source))
    begun = {source: day for source, day in session.execute(first) if day and day > since and source in seen}
    return [Mark(_bucket(own, day), "source", source) for source, day in begun.items()]


def begun_since(session: Session, day: date) -> tuple[str, ...]:
    """The sources that we have nothing of from before this day."""
    first = func.min(col(ItemRow.day))
    begun = select(col(ItemRow.source)).group_by(col(ItemRow.source)).having(first > day)
    return tuple(session.execute(begun.order_by(col(ItemRow.source))).scalars())


def _models(session: Session, found: Trend, since: date) -> list[Mark]:
    first: Mapping[str, date] = dict(
        session.execute(select(col(ItemRow.model), func.min(col(ItemRow.day))).group_by(col(ItemRow.model))).all()
    )
    begun = {model: day for model, day in first.items() if day and day > since}
    return [Mark(_bucket(found, day), "model", model) for model, day in begun.items()]


def _bucket(of: Trend, day: date) -> date:
    return max((start for start in of.starts if start <= day), default=of.starts[0])
