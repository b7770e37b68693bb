"""A trend with what it takes to read it: of how many items, from how many sources, and what changed meanwhile.

A new source or another model bends every curve; whoever sees the curve must see that, too.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import select
from sqlmodel import Session, col

from shared.archive import places_found
from shared.archive.facets import By, Step, Trend, trend
from shared.archive.places_found import Wanted
from shared.archive.renewal import is_through
from shared.archive.search import finds
from shared.archive.tables import ItemRow, PlaceRow, SightingRow
from shared.archive.tallies import MODEL
from shared.archive.tallies_asked import asked
from shared.archive.tallies_found import beginnings
from shared.query.plan import plan
from shared.query.syntax import Query, parse
from shared.query.tree import After, Before, Facet, Is, Node, all_of

MOST: Final = 400  # buckets
_FEW: Final = 200  # sources that are asked for one by one, if need be
_ONE_BY_ONE: Final = 30  # that is, where they are no more than these: else those of the newest hits are read first
NEWEST: Final = 1_000
_DAY: Final = timedelta(days=1)


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


def course(
    session: Session,
    query_text: str,
    by: By | None,
    *,
    since: date,
    until: date,
    step: Step,
    among: int = NEWEST,
) -> Course:
    """See `shared.archive.facets.trend`. `among` are the newest hits whose sources are read. Raises QueryError."""
    found = trend(session, query_text, by, since=since, until=until, step=step)
    every = trend(session, "", By.SOURCE, since=since, until=until, step=step)
    active = tuple(
        sum(counts[at] > 0 for value, counts in every.counts.items() if value) for at in range(len(every.starts))
    )
    marks = (*_sources(session, query_text, every, since, until, step, among), *_models(session, found, since))
    return Course(found, every.counts[""], active, tuple(sorted(marks, key=lambda mark: (mark.start, mark.name))))


def _sources(
    session: Session, query_text: str, every: Trend, since: date, until: date, step: Step, among: int
) -> list[Mark]:
    """The sources of these hits that we have nothing of from before."""
    young = {source: day for source, day in beginnings(session, By.SOURCE, since) if source in every.counts}
    if query_text and (len(young) > _FEW or (young and asked(parse(query_text)))):
        own = trend(session, query_text, By.SOURCE, since=since, until=until, step=step).counts
        return [Mark(_bucket(every, day), "source", source) for source, day in young.items() if source in own]
    end: list[Node] = [Before("", until + _DAY)] if until < date.max else []
    within = all_of([parse(query_text).node, After("", since), *end])
    seen, are_all = _seen(session, within, len(young), among) if query_text else (young.keys(), True)
    return [
        Mark(_bucket(every, day), "source", source)
        for source, day in young.items()
        if source in seen or (not are_all and finds(session, Query(all_of([within, Is(Facet.SOURCE, source)]))))
    ]


def _seen(session: Session, node: Node, young: int, among: int) -> tuple[Collection[str], bool]:
    """The sources of the newest hits, and whether there are no others; nothing where the young are few."""
    if young <= _ONE_BY_ONE or not is_through(session):
        return (), False
    found = places_found.places(session, plan(Query(node)), Wanted(limit=among))
    seen = select(col(SightingRow.source)).join(ItemRow, col(ItemRow.item_id) == col(SightingRow.item_id))
    there = seen.join(PlaceRow, col(PlaceRow.item) == col(ItemRow.id)).where(col(PlaceRow.place).in_(found))
    return session.execute(there.distinct()).scalars().all(), len(found) < among


def begun_since(session: Session, day: date) -> tuple[str, ...]:
    """The sources that we have nothing of from before this day."""
    return tuple(source for source, _ in beginnings(session, By.SOURCE, day))


def _models(session: Session, found: Trend, since: date) -> list[Mark]:
    begun = beginnings(session, MODEL, since)
    return [Mark(_bucket(found, day), "model", model) for model, day in begun]


def _bucket(of: Trend, day: date) -> date:
    return max((start for start in of.starts if start <= day), default=of.starts[0])
