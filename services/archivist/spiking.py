"""Finds what went far above its own rhythm with new live items, and keeps it with the item that showed it.

Asked beside the writing, never of items in bulk: what came long ago is no news. A value has one in a fortnight.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import cached_property
from typing import Final, Literal

from sqlmodel import Session

from shared.archive import spikes
from shared.archive.course import begun_since
from shared.archive.facets import By, Trend, trend
from shared.archive.holdings import Holding
from shared.archive.rhythm import LEAST, WEEK, WEEKS, Days, enough, expected_of, usual
from shared.archive.rows import number
from shared.archive.search import count
from shared.items import Spike
from shared.query.small_words import is_small
from shared.query.tree import Facet, Is, Node, Not, Word
from shared.store import Store
from shared.text.fold import name_key, tokens

QUIET: Final = timedelta(days=14)  # after a spike of the same value
FRESH: Final = timedelta(days=2)  # of an item that can show one
ASKED: Final = 60  # values of a batch
_LONG: Final = 6  # letters of a word that can be a subject
YOUNG: Final = 50  # more sources that have just begun: the archive has
NEW: Final = timedelta(weeks=12)  # of a source that has just begun
YOUNG_FOR: Final = timedelta(minutes=10)  # which these are is remembered
_Kind = Literal["theme", "org", "word"]
_Named = tuple[_Kind, str, Node]  # kind, value, what finds it


class Known:
    """What was found of a day's values and need not be asked again. Kept from batch to batch, in one thread."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._enough: dict[tuple[str, str], int] = {}
        self._young: tuple[datetime, Sequence[str]] | None = None

    def begin(self, day: date) -> None:
        """Forget what was known of another day."""
        if day != self._day:
            self._day, self._young = day, None
            self._enough.clear()

    def enough(self, kind: str, value: str) -> int:
        """Fewer items in the last seven days are no spike."""
        return self._enough.get((kind, value), LEAST)

    def keep(self, kind: str, value: str, enough: int) -> None:
        """Only more items than this can be a spike today: what is usual comes from the weeks before."""
        self._enough[kind, value] = enough

    def young(self, now: datetime, ask: Callable[[], Sequence[str]]) -> Sequence[str]:
        """Asked every ten minutes."""
        if self._young is None or not timedelta() <= now - self._young[0] < YOUNG_FOR:
            self._young = now, ask()
        return self._young[1]


def find(store: Store, held: Sequence[Holding], now: datetime, zone: tzinfo, known: Known) -> None:
    """Keep the spikes that these items show, in them and in the store. `now` is database time."""
    with store.reading() as session:
        fresh = [one for one in held if now - one.row.sort_at <= FRESH and now - one.row.first_seen <= FRESH]
        found = list(_Rhythms(session, now, zone, known).shown_by(fresh)) if fresh else []
    if not found:
        return
    with store.writing() as session:
        for one, spike in found:
            spikes.keep(session, number(one.row), spike, now)
            one.spikes.append(spike)


class _Rhythms:
    """What was usual up to now. What is asked again and again is asked once."""

    def __init__(self, session: Session, now: datetime, zone: tzinfo, known: Known) -> None:
        self._session, self._now, self._was_known = session, now, known
        self._until = now.astimezone(zone).date()
        known.begin(self._until)
        self._since = self._until - timedelta(days=WEEK * (WEEKS + 1) - 1)

    def shown_by(self, held: Sequence[Holding]) -> Iterator[tuple[Holding, Spike]]:
        asked: set[tuple[str, str]] = set()
        for one in held:
            for named in _named(one):
                if named[:2] in asked or len(asked) >= ASKED:
                    continue
                asked.add(named[:2])
                if spike := self._spike(named):
                    yield one, spike

    def _spike(self, named: _Named) -> Spike | None:
        kind, value, node = named
        query, week = node.echo(), self._until - timedelta(days=WEEK - 1)
        if len(self._young) > YOUNG:
            return None
        if count(self._session, f"{query} after:{week.isoformat()}") < self._was_known.enough(kind, value):
            return None
        last = spikes.last_spike(self._session, kind, value)
        if last is not None and self._now - last < QUIET:
            return None
        own = self._trend(f"{query} {self._known}", By.SOURCE)
        recent = sum(1 for source, counts in own.counts.items() if source and any(counts[-WEEK:]))
        days = Days(self._until, own.counts[""], self._every.counts[""], recent)
        if (likely := expected_of(days)) is not None:
            self._was_known.keep(kind, value, enough(likely))
        expected = usual(days)
        if expected is None:
            return None
        return Spike(kind=kind, value=value, found=sum(days.own[-WEEK:]), usual=expected)

    @cached_property
    def _young(self) -> Sequence[str]:
        """Sources that have just begun: what they bring is new to us, not to the world."""
        return self._was_known.young(self._now, lambda: begun_since(self._session, self._until - NEW))

    @cached_property
    def _known(self) -> str:
        return " ".join(Not(Is(Facet.SOURCE, source)).echo() for source in self._young)

    @cached_property
    def _every(self) -> Trend:
        return self._trend(self._known, None)

    def _trend(self, query: str, by: By | None) -> Trend:
        return trend(self._session, query, by, since=self._since, until=self._until, step="day")


def _named(one: Holding) -> Iterator[_Named]:
    row = one.row
    for theme in row.themes:
        yield "theme", theme, Is(Facet.THEME, theme)
    for key in dict.fromkeys(map(name_key, row.organisations)):
        yield "org", key, Is(Facet.ORGANISATION, key)
    for token in tokens(row.title):
        word = Word(token.surface, title=True)
        if len(token.folded) >= _LONG and token.folded.isalpha() and not is_small(word):
            yield "word", token.folded, word
