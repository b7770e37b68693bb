"""Asks of silence: did anything match since a moment, and was everybody watched who could have said it?

A source is watched as far as its polls prove it. What they brought must have come through: items that wait for a
stage, or lie dead, are gaps of their own.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from shared.archive.found import FoundItem
from shared.archive.search import found_where, number_where
from shared.archive.tables import ItemRow
from shared.bus import ARCHIVED, TOPICS, Bus
from shared.bus.dead import DISCARDED, RETRIED, Letter, list_letters
from shared.clock import rfc3339
from shared.errors import BadInput
from shared.items import Purpose
from shared.query.sql import condition
from shared.query.syntax import parse
from shared.shown_url import text_without_secrets
from shared.sources.states import State
from shared.sources.store import is_off
from shared.sources.tables import SourceRow
from shared.store import Store
from shared.telemetry.lanes import lanes
from shared.watched.cover import Gap, Unwatched, gaps
from shared.watched.near import Near, near_misses
from shared.watched.rules import Why
from shared.watched.scope import Party, concerned
from shared.watched.spans import LONGEST, known_gaps, spans, watches

SHOWN: Final = 20  # items of those that matched
FRESH: Final = timedelta(hours=48)  # an item that came in since counts if it was published so long before
INSTANT: Final = timedelta(seconds=1)  # a gap is no less
PROMPT: Final = timedelta(minutes=10)  # in which a stage takes what the one before it published


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of the sources that a query concerns were covered, have gaps, were not watched."""

    asked: int
    covered: int
    gapped: int
    unwatched: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What there is to say from `since` to `now`. `matched` counts; `items` are the newest of them.

    `covered` were watched throughout, `gaps` are those of the others by source, `unwatched` at no time.
    `named` are the bodies that the mission names.
    """

    query: str
    since: datetime
    now: datetime
    matched: int
    items: tuple[FoundItem, ...]
    covered: tuple[str, ...]
    gaps: tuple[Gap, ...]
    unwatched: tuple[Unwatched, ...]
    near: tuple[Near, ...]
    names: Mapping[str, str]
    named: frozenset[str] = frozenset()

    @property
    def gapped(self) -> Mapping[str, tuple[Gap, ...]]:
        """Source -> its gaps, for sources that have any."""
        found: dict[str, tuple[Gap, ...]] = {}
        for gap in self.gaps:
            found[gap.source] = (*found.get(gap.source, ()), gap)
        return found

    @property
    def all_sources(self) -> Tally:
        """The tally of all sources that the query concerns."""
        return self._tally(self.names.keys())

    @property
    def named_bodies(self) -> Tally:
        """The tally of those that the mission names."""
        return self._tally(self.named)

    def _tally(self, which: Collection[str]) -> Tally:
        covered, gapped = (sum(one in which for one in some) for some in (self.covered, self.gapped))
        unwatched = sum(one.source in which for one in self.unwatched)
        return Tally(covered + gapped + unwatched, covered, gapped, unwatched)

    @property
    def silent(self) -> bool:
        """Nothing matched, and that is proven: everybody was watched throughout."""
        return not (self.matched or self.gaps or self.unwatched) and bool(self.covered)

    def shown(self, *, words: bool = True) -> dict[str, Any]:
        """As JSON. Without `words` reasons are single words: what servers say is for operators."""
        return {
            "query": self.query,
            "since": rfc3339(self.since),
            "until": rfc3339(self.now),
            "matched": self.matched,
            "covered": list(self.covered),
            "gaps": [_gap(gap, words=words) for gap in self.gaps],
            "unwatched": [one.source for one in self.unwatched],
            "named": asdict(self.named_bodies),
            "near": [_near(near) for near in self.near],
        }


def ask(store: Store, bus: Bus, text: str, since: datetime) -> Answer:
    """The answer. Raises QueryError, BadInput for a moment to come, and Unavailable."""
    query = parse(text)
    dead = list_letters(bus, [topic for topic in TOPICS if topic != ARCHIVED], resolved=True)
    behind = _behind(bus)
    with store.reading() as session:
        now = store.now(session)
        if since >= now:
            raise BadInput(f"{rfc3339(since)} is still to come: nothing has been watched since.")
        rows = session.exec(select(SourceRow).order_by(col(SourceRow.id))).all()
        wanted = set(concerned(query, [Party(row.id, row.country) for row in rows]))
        polls = _by_polls(session, [row for row in rows if row.id in wanted], since, now)
        twice = known_gaps(session, since, now)
        more = [*twice, *_dead(dead, wanted, since, now), *_waiting(behind, polls, since, now)]
        within = _within(since)
        hits = and_(condition(query), within)
        return Answer(
            query=query.echo(),
            since=since,
            now=now,
            matched=number_where(session, hits),
            items=found_where(session, hits, SHOWN),
            near=near_misses(session, query, within),
            names={row.id: row.name or row.id for row in rows},
            named=frozenset(row.id for row in rows if row.named),
            **_sorted(polls, more),
        )


def _within(since: datetime) -> ColumnElement[bool]:
    """Published since, or come in since and published not long before."""
    fresh = col(ItemRow.sort_at) >= since - FRESH  # a range of the index
    return and_(fresh, or_(col(ItemRow.sort_at) >= since, col(ItemRow.first_seen) >= since))


Polls = Mapping[str, "tuple[Gap, ...] | Unwatched"]


def _by_polls(session: Session, rows: Sequence[SourceRow], since: datetime, now: datetime) -> Polls:
    present, over = watches(session), spans(session, since)
    found: dict[str, tuple[Gap, ...] | Unwatched] = {}
    for row in rows:
        off = row.off_reason if is_off(row) else None
        found[row.id] = gaps(row.id, present.get(row.id), over.get(row.id, ()), since, now, off)
        if off is None and row.id not in present and row.last_error:
            found[row.id] = Unwatched(row.id, Why.FAILING, text_without_secrets(row.last_error)[:LONGEST])
        elif off is None and row.id not in present and row.state == State.EMPTY:
            found[row.id] = Unwatched(row.id, Why.EMPTY, "")
    return found


def _sorted(polls: Polls, more: Sequence[Gap]) -> dict[str, Any]:
    unwatched = tuple(found for found in polls.values() if isinstance(found, Unwatched))
    away = {one.source for one in unwatched}
    found = [gap for each in polls.values() if not isinstance(each, Unwatched) for gap in each]
    found += [gap for gap in more if gap.source in polls and gap.source not in away]
    found.sort(key=lambda gap: (gap.source, gap.since))
    gapped = {gap.source for gap in found}
    covered = tuple(source for source in polls if source not in gapped and source not in away)
    return {"covered": covered, "gaps": tuple(found), "unwatched": unwatched}


def _behind(bus: Bus) -> datetime | None:
    """Since when the oldest live item waits that the archive does not have yet."""
    waits = [
        at
        for stage in ("classifier", "archivist")
        for topic, group in lanes(stage)[:1]
        if (at := bus.oldest_waiting(topic, group)) is not None
    ]
    return min(waits, default=None)


def _waiting(behind: datetime | None, polls: Polls, since: datetime, now: datetime) -> Iterator[Gap]:
    if behind is not None and now - behind > PROMPT:
        yield from (Gap(source, max(behind, since), now, Why.WAITING) for source in polls)


def _dead(letters: Sequence[Letter], sources: Iterable[str], since: datetime, now: datetime) -> Iterator[Gap]:
    """An item that nobody could process may be what was asked for: until it is, or until it was given up."""
    for letter in letters:
        if letter.state == RETRIED or letter.died_at < since:
            continue
        until = letter.died_at if letter.state == DISCARDED else now
        for source, at, words in _of_whom(letter, sources):
            yield Gap(source, min(max(at, since), until - INSTANT), until, Why.DEAD, words)


def _of_whom(letter: Letter, sources: Iterable[str]) -> Iterator[tuple[str, datetime, str]]:
    """The source, time and title of a letter's item: nothing if it is archived, everybody if nobody knows."""
    try:
        event = json.loads(letter.record.message.value or b"")
        item = event["data"].get("item") or event["data"]
        if event.get("purpose") != Purpose.RECLASSIFY:
            at = datetime.fromisoformat(item["fetched_at"])
            yield str(item["source"]), at, str(item.get("title", ""))[:200]
    except (ValueError, KeyError, TypeError, AttributeError):
        yield from ((source, letter.died_at, letter.reason[:200]) for source in sources)


def _gap(gap: Gap, *, words: bool) -> dict[str, str | None]:
    why = f"{gap.why}: {gap.words}" if gap.words and words else gap.why.value
    return {"source": gap.source, "from": rfc3339(gap.since), "to": rfc3339(gap.until), "why": why}


def _near(near: Near) -> dict[str, Any]:
    return {
        "item_id": near.item_id,
        "source": near.source,
        "title": near.title,
        "url": near.url,
        "day": near.day.isoformat(),
        "lacks": near.lacks,
        "score": near.score,
    }
