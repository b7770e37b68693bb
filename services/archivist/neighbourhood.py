"""What the store holds around the items of a batch: what may tell the same, word for word or in other words.

Most of it is looked at before the stories' lock is taken. Under the lock, what arrived since is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from services.archivist.alike import BEST, Near, judge
from services.archivist.incoming import Incoming
from services.archivist.stories import LOOK_BACK, Piece, same_story
from services.archivist.window import Neighbour, Sought, Window, nearness
from shared.archive import arrivals, stories, story_words
from shared.archive.evidence import Evidence
from shared.archive.tables import ItemRow
from shared.items import Purpose


class Neighbourhood:
    """Lives as long as one batch; `window` outlives it."""

    def __init__(self, batch: Sequence[Incoming], window: Window) -> None:
        self._batch, self._window = batch, window
        self.known: Mapping[str, ItemRow] = {}  # those of the batch that the archive had at the last look
        self.any_apart = True
        self._seq = 0
        self._ours: frozenset[int] = frozenset()
        self._asked: Sequence[int] = ()  # events whose words may bring them to a story
        self._keys: frozenset[int] = frozenset()
        self._places: dict[int, datetime] = {}
        self._meetings: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
        self._nearest: dict[int, list[Neighbour]] = {}
        self._pieces: dict[int, Piece] = {}
        self._same: dict[tuple[int, int], bool] = {}
        self._why: dict[tuple[int, int], Evidence | None] = {}
        self._mates: Mapping[int, Mapping[int, Near]] = {}

    def look(self, session: Session, now: datetime) -> None:
        """Look around, as of `now`."""
        self.known = known = _known(session, self._batch)
        self._asked = [n for n, event in enumerate(self._batch) if _may_regroup(event, known)]
        self._places = {n: _place(self._batch[n], known, now) for n in self._asked}
        self._keys = frozenset[int]().union(*(self._batch[n].keys for n in self._asked))
        self._survey(session, now)

    def _survey(self, session: Session, now: datetime) -> None:
        """Find all that is near those that are asked for."""
        self._window.catch_up(session, now)
        self._seq = self._window.seq or 0
        sought = self._sought()
        near = self._window.neighbours(list(sought.values()))
        others = ([each for each in some if each.item not in self._ours] for some in near)
        self._nearest = dict(zip(sought, others, strict=True))
        self._mates = nearness(sought)
        self._meet(session, None)
        self._compare()

    def look_again(self, session: Session, now: datetime, ours: frozenset[int] = frozenset()) -> None:
        """Under the lock: look at what arrived since. `ours` are the batch's own items, written by now."""
        self._ours = ours
        arrived = arrivals.arrived(session, self._seq)
        if arrived.items is None:  # it took so long that everything is new
            self._meetings.clear()
            self._pieces, self._same, self._why = {}, {}, {}
            self._survey(session, now)
        elif arrived.items and self._asked:
            self._let_go(arrived.items)
            lately, sought = Window(), self._sought()
            if sought:
                lately.add(self._window.of_lately(arrivals.meant_among(session, arrived.items)))
            for n, near in zip(sought, lately.neighbours(list(sought.values())), strict=True):
                both = [*self._nearest.get(n, ()), *near]
                self._nearest[n] = sorted(both, key=lambda each: (-each.near.score, each.item))[:BEST]
            self._meet(session, arrived.items)
            self._compare()

    def hear(self, session: Session) -> None:
        """Ask whether people keep items apart. They say so alone, so it holds until the transaction ends."""
        self.any_apart = story_words.any_apart(session)

    def related(self) -> set[int]:
        """The items of the store that tell the same as one of the batch."""
        told = {item for (_, item), same in self._same.items() if same}
        return told | {item for (_, item), why in self._why.items() if why is not None}

    def repeated(self, n: int, sort_at: datetime, without: Collection[int]) -> Iterator[int]:
        """Items near in time that repeat the event's words, the newest first."""
        for item in self._candidates(n, sort_at):
            if item not in without and self._repeats(n, item):
                yield item

    def alike(self, n: int, without: Collection[int]) -> Iterator[tuple[Neighbour, Evidence]]:
        """Items near in time that tell the event in other words, the nearest first."""
        for each in self._nearest.get(n, ()):
            if each.item not in without and (why := self._evidence(n, each)):
                yield each, why

    def mates(self, n: int) -> Mapping[int, Near]:
        """Other events of the batch that lie near."""
        return self._mates.get(n, {})

    def _candidates(self, n: int, sort_at: datetime) -> Sequence[int]:
        met = (place for key in self._batch[n].keys for place in self._meetings.get(key, ()))
        near = {item for at, item in met if abs(at - sort_at) <= LOOK_BACK}
        return sorted(near, reverse=True)[: stories.MOST]

    def _compare(self) -> None:
        for n in self._asked:
            for item in self._candidates(n, self._places[n]):
                self._repeats(n, item)
            for each in self._nearest.get(n, ()):
                self._evidence(n, each)

    def _repeats(self, n: int, item: int) -> bool:
        if (n, item) not in self._same:
            piece = self._pieces.get(item)
            self._same[n, item] = piece is not None and same_story(self._batch[n].piece, piece)
        return self._same[n, item]

    def _evidence(self, n: int, each: Neighbour) -> Evidence | None:
        if (n, each.item) not in self._why:
            piece = self._pieces.get(each.item)
            self._why[n, each.item] = judge(self._batch[n].piece, piece, each.near) if piece else None
        return self._why[n, each.item]

    def _meet(self, session: Session, only: Collection[int] | None) -> None:
        """Read who else has the keys (`only` these), and the words of everybody who will be compared."""
        if self._places and self._keys:
            for key, places in self._who_meets(session, only).items():
                self._meetings[key] += [each for each in places if each[1] not in self._ours]
        wanted = {item for n in self._asked for item in self._candidates(n, self._places[n])}
        wanted |= {each.item for near in self._nearest.values() for each in near}
        missing = sorted(wanted - self._pieces.keys(), reverse=True)
        for start in range(0, len(missing), stories.MOST):
            for each in stories.candidates(session, missing[start : start + stories.MOST]):
                self._pieces[each.number] = Piece.of(each.item, each.language, each.organisations)

    def _who_meets(
        self, session: Session, only: Collection[int] | None
    ) -> Mapping[int, Sequence[tuple[datetime, int]]]:
        if only is not None:
            return stories.meetings_of(session, only)
        since, until = min(self._places.values()) - LOOK_BACK, max(self._places.values()) + LOOK_BACK
        return stories.meetings(session, self._keys, since=since, until=until)

    def _sought(self) -> dict[int, Sought]:
        """Only what is live looks for other words: bulk traffic mails nobody."""
        live = [n for n in self._asked if self._batch[n].purpose is Purpose.LIVE]
        return {
            n: Sought(event.item.source, self._places[n], vectors)
            for n in live
            for event in (self._batch[n],)
            if (vectors := event.vectors) is not None and vectors.text
        }

    def _let_go(self, items: frozenset[int]) -> None:
        """Forget what was known of these."""
        for item in items:
            self._pieces.pop(item, None)
        for n, near in self._nearest.items():
            self._nearest[n] = [each for each in near if each.item not in items]
        for key, places in self._meetings.items():
            self._meetings[key] = [place for place in places if place[1] not in items]
        self._same = {pair: same for pair, same in self._same.items() if pair[1] not in items}
        self._why = {pair: why for pair, why in self._why.items() if pair[1] not in items}


def _known(session: Session, batch: Sequence[Incoming]) -> Mapping[str, ItemRow]:
    """Source, times, wording and language of those that the archive has."""
    ids = {event.item.item_id for event in batch}
    columns = (ItemRow.item_id, ItemRow.source, ItemRow.fetched_at, ItemRow.first_seen)
    read = load_only(*columns, ItemRow.content_hash, ItemRow.language)  # type: ignore[arg-type]
    found = select(ItemRow).where(col(ItemRow.item_id).in_(ids)).options(read)
    return {row.item_id: row for row in session.exec(found)}


def _may_regroup(event: Incoming, known: Mapping[str, ItemRow]) -> bool:
    row = known.get(event.item.item_id)
    return row is None or (row.source == event.item.source and event.item.fetched_at > row.fetched_at)


def _place(event: Incoming, known: Mapping[str, ItemRow], now: datetime) -> datetime:
    row = known.get(event.item.item_id)
    return event.item.published or (now if row is None else row.first_seen)
