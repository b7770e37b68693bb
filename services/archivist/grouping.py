"""Finds the story of one item after the other, the stories' lock held.

What the store knows of the batch's keys is read once. The items of the batch meet in memory: each sees those
before it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from services.archivist.incoming import Incoming
from services.archivist.stories import LOOK_BACK, Piece, same_story
from shared.archive import stories
from shared.archive.holdings import Holding
from shared.archive.rows import number
from shared.archive.stories import Keys


@dataclass(frozen=True, slots=True)
class _Member:
    """An item of this batch whose story was found already."""

    holding: Holding
    piece: Piece
    keys: Collection[int]
    is_new: bool


class Grouping:
    """The stories of one batch. Lives in one writing session."""

    def __init__(
        self, session: Session, holdings: Mapping[str, Holding], batch: Sequence[Incoming], now: datetime
    ) -> None:
        self._session, self._holdings, self._now = session, holdings, now
        self._members: dict[str, _Member] = {}
        self._here: dict[int, dict[str, None]] = defaultdict(dict)  # key -> members with it, in their order
        self._stored = _meetings(session, holdings, batch, now)

    def group(self, held: Holding, event: Incoming, *, is_new: bool) -> None:
        """A new item joins the story it belongs to. A known one may show that stories are the same."""
        near = self._near(held, event.keys)
        roots = {root for root, other in near if same_story(event.piece, other)}
        if is_new and roots:
            held.root = held.row.story = self._merged(roots)
        elif roots:
            self._merged(roots | {held.root})
        self._remember(_Member(held, event.piece, event.keys, is_new))

    def write_back(self) -> None:
        """Write the keys of the batch's items, which must have their numbers by now."""
        members = self._members.values()
        keys = {number(each.holding.row): Keys(each.keys, each.holding.row.sort_at) for each in members}
        known = [number(each.holding.row) for each in members if not each.is_new]
        stories.remember_keys(self._session, keys, replaced=known)

    def _near(self, held: Holding, keys: Collection[int]) -> Iterator[tuple[str, Piece]]:
        """Items with a common key that are near in time, the newest first: roots of their stories and words."""
        here = dict.fromkeys(name for key in keys for name in self._here.get(key, ()))
        for member in reversed([self._members[name] for name in here if name != held.row.item_id]):
            if _near(member.holding.row.sort_at, held.row.sort_at):
                yield member.holding.root, member.piece
        anew = {each.holding.row.id for each in self._members.values()} | {held.row.id}
        met = (place for key in keys for place in self._stored.get(key, ()))
        ids = {item for sort_at, item in met if item not in anew and _near(sort_at, held.row.sort_at)}
        with self._session.no_autoflush:  # new rows are written together, at the end
            found = stories.candidates(self._session, ids)
        yield from ((each.story, Piece.of(each.item)) for each in found)

    def _merged(self, roots: Collection[str]) -> str:
        """The one story that these are from now on."""
        if len(roots) == 1:
            return next(iter(roots))
        self._session.flush()  # who is the oldest shows in the table
        oldest = stories.merge(self._session, roots, self._now)
        for held in self._holdings.values():
            if held.root in roots:
                held.root = oldest
        return oldest

    def _remember(self, member: _Member) -> None:
        item_id = member.holding.row.item_id
        if before := self._members.get(item_id):
            for key in before.keys:
                self._here[key].pop(item_id, None)
            member = _Member(member.holding, member.piece, member.keys, before.is_new)
        self._members[item_id] = member
        for key in member.keys:
            self._here[key][item_id] = None


def _near(one: datetime, other: datetime) -> bool:
    return abs(one - other) <= LOOK_BACK


def _meetings(
    session: Session, holdings: Mapping[str, Holding], batch: Sequence[Incoming], now: datetime
) -> Mapping[int, Sequence[tuple[datetime, int]]]:
    """Where in the store the keys of those events are found that may bring other words or another date."""
    looking = [event for event in batch if _may_regroup(event, holdings.get(event.item.item_id))]
    if not looking:
        return {}
    places = [event.item.published or _first_seen(event, holdings, now) for event in looking]
    every = frozenset[int]().union(*(event.keys for event in looking))
    return stories.meetings(session, every, since=min(places) - LOOK_BACK, until=max(places) + LOOK_BACK)


def _may_regroup(event: Incoming, held: Holding | None) -> bool:
    return held is None or (held.row.source == event.item.source and event.item.fetched_at > held.row.fetched_at)


def _first_seen(event: Incoming, holdings: Mapping[str, Holding], now: datetime) -> datetime:
    held = holdings.get(event.item.item_id)
    return now if held is None else held.row.first_seen
