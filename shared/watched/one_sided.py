"""What the bodies of one country published that none of the other did within some days, as far as that is proven.

A body counts as silent only where polls prove that it was watched from so many days before to so many after, and
where everything that it published then could be compared. Nothing is kept: a counterpart that comes late takes the
statement back by being there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select
from sqlmodel import Session, col

from shared.archive.found import FoundItem
from shared.archive.listed import found_item, with_numbers
from shared.archive.stories import ROOT
from shared.archive.tables import ItemMeaningRow, ItemRow, StoryAliasRow
from shared.bus import Bus
from shared.comparison.pair import Report, report
from shared.errors import BadInput
from shared.query.sql import condition
from shared.query.syntax import parse
from shared.store import Store
from shared.themes import themes
from shared.watched.answer import Answer, ask

if TYPE_CHECKING:
    from shared.comparison.counterparts import Told

COUNTRIES: Final = ("fr", "de")
DAYS: Final = 7  # within which a counterpart is looked for, before and after
LONGEST: Final = 30
BACK: Final = timedelta(days=30)  # how far the board looks back, beyond the days that must have gone by
MOST: Final = 60  # publications of a side that are asked about, the newest
_LETTERS: Final = 1_500  # of a text that a report is made of
_AT_ONCE: Final = 500  # items of one query
_REMEMBERED: Final = 4_096  # reports: most of a board's items stand on the next one, too


@dataclass(frozen=True, slots=True)
class Lone:
    """A publication without counterpart among `watched` bodies of the other country. `late` takes that back."""

    item: FoundItem
    watched: int
    late: FoundItem | None


@dataclass(frozen=True, slots=True)
class Board:
    """`lone`: publications of `country` on the theme, the newest first. Of `asked` in all `unproven` could not be
    judged: nobody of the other side was watched throughout, or they have no vectors."""

    theme: str
    country: str
    days: int
    lone: tuple[Lone, ...]
    asked: int
    unproven: int

    @property
    def standing(self) -> tuple[Lone, ...]:
        return tuple(each for each in self.lone if each.late is None)

    @property
    def withdrawn(self) -> tuple[Lone, ...]:
        return tuple(each for each in self.lone if each.late is not None)

    def shown(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "theme": self.theme,
            "country": self.country.upper(),
            "days": self.days,
            "asked": self.asked,
            "unproven": self.unproven,
            "no_counterpart_found": [_shown(each) for each in self.standing],
            "withdrawn": [_shown(each) for each in self.withdrawn],
        }


@dataclass(frozen=True, slots=True)
class _Stream:
    """What one country published: what can be compared, and when who published what cannot."""

    told: "tuple[Told, ...]"
    unread: tuple[tuple[str, datetime], ...]


def boards(store: Store, bus: Bus, theme: str, days: int = DAYS) -> tuple[Board, ...]:
    """A board for each country. Raises BadInput for a theme that does not exist and for days out of range."""
    if theme not in themes():
        raise BadInput(f"there is no theme {theme!r}; there are {', '.join(themes())}.")
    if not 1 <= days <= LONGEST:
        raise BadInput(f"a counterpart is looked for within 1 to {LONGEST} days, not {days}.")
    span = timedelta(days=days)
    with store.reading() as session:
        begins = store.now(session) - BACK - 2 * span
    seen = {country: ask(store, bus, f"country:{country}", begins) for country in COUNTRIES}
    with store.reading() as session:
        now = store.now(session)
        return tuple(
            _board(session, theme, country, span, now, seen[other])
            for country, other in zip(COUNTRIES, reversed(COUNTRIES), strict=True)
        )


def _board(session: Session, theme: str, country: str, span: timedelta, now: datetime, seen: Answer) -> Board:
    from shared.comparison.counterparts import Side  # and numpy, for who asks

    until = now - span
    own = _stream(session, f"theme:{theme} country:{country}", until - BACK, until, MOST)
    others = _stream(session, seen.query, until - BACK - span, now, None)
    side = Side(others.told)
    looked_at = {other.number: other for one in own.told for other, _ in side.nearest(one)}
    report = _reports(session, [*own.told, *looked_at.values()])
    found: list[tuple[int, int, int | None]] = []
    unproven = len(own.unread)
    for one in own.told:
        watched = _watched(seen, others, one.at - span, one.at + span)
        late: Told | None = None
        for each in side.counterparts(one, report, one.at - span):
            late = min(late or each, each, key=lambda other: other.at)
            if late.at <= one.at + span:
                break  # it is not late, and nobody was silent
        if late and late.at <= one.at + span:
            continue
        unproven += not watched
        if watched:
            found.append((one.number, len(watched), late.number if late else None))
    return Board(theme, country, span.days, _lone(session, found), len(own.told) + len(own.unread), unproven)


def _lone(session: Session, found: Sequence[tuple[int, int, int | None]]) -> tuple[Lone, ...]:
    numbers = [n for number, _, late in found for n in (number, late) if n is not None]
    items = {row.id: found_item(row) for row in with_numbers(session, numbers)}
    return tuple(
        Lone(items[number], watched, items.get(late) if late is not None else None)
        for number, watched, late in found
        if number in items
    )


def _watched(seen: Answer, others: _Stream, since: datetime, until: datetime) -> frozenset[str]:
    """Who was watched throughout, and published nothing then that cannot be compared."""
    gapped = {gap.source for gap in seen.gaps if gap.since < until and since < gap.until}
    unread = {source for source, at in others.unread if since <= at <= until}
    there = {*seen.covered, *(gap.source for gap in seen.gaps)}
    return frozenset(there - gapped - unread - {one.source for one in seen.unwatched})


def _stream(session: Session, query: str, since: datetime, until: datetime, most: int | None) -> _Stream:
    """What a query finds between two moments, the newest first. Vectors of an older version do not compare."""
    from shared.comparison.counterparts import Told

    vectors = (col(ItemMeaningRow.version), col(ItemMeaningRow.title), col(ItemMeaningRow.text))
    current = (col(ItemMeaningRow.item) == col(ItemRow.id)) & (
        col(ItemMeaningRow.content_hash) == col(ItemRow.content_hash)
    )
    wanted = (
        select(col(ItemRow.id), col(ItemRow.source), col(ItemRow.sort_at), ROOT, *vectors)
        .select_from(ItemRow)
        .outerjoin(StoryAliasRow, col(StoryAliasRow.alias) == col(ItemRow.story))
        .outerjoin(ItemMeaningRow, current)
        .where(condition(parse(query)), col(ItemRow.sort_at).between(since, until))
        .order_by(col(ItemRow.sort_at).desc(), col(ItemRow.id).desc())
        .limit(most)
    )
    rows = session.execute(wanted).all()
    version = max((row[4] for row in rows if row[4]), default="")
    told = (
        Told(n, source, at, story, title, text) for n, source, at, story, v, title, text in rows if v == version
    )
    return _Stream(tuple(told), tuple((row[1], row[2]) for row in rows if row[4] != version))


def _reports(session: Session, told: "Sequence[Told]") -> Callable[[int], Report]:
    """What makes the report on one of these: most need none."""
    numbers = [each.number for each in told]
    found: dict[int, tuple[str, str, str]] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        columns = (
            col(ItemRow.id),
            col(ItemRow.language),
            col(ItemRow.title),
            col(ItemRow.text),
            col(ItemRow.summary),
        )
        some = select(*columns).where(col(ItemRow.id).in_(numbers[start : start + _AT_ONCE]))
        for number, language, title, text, summary in session.execute(some):
            found[number] = language, title, (text or summary)[:_LETTERS]
    return lambda number: _report(*found[number])


@lru_cache(_REMEMBERED)
def _report(language: str, title: str, text: str) -> Report:
    return report(language, title, text)


def _shown(lone: Lone) -> dict[str, Any]:
    return {
        "item_id": lone.item.item_id,
        "source": lone.item.source,
        "title": lone.item.title,
        "url": lone.item.url,
        "day": lone.item.day.isoformat(),
        "language": lone.item.language,
        "watched": lone.watched,
        "late": None if lone.late is None else {"item_id": lone.late.item_id, "day": lone.late.day.isoformat()},
    }
