"""Finds the story of one item after the other, the stories' lock held.

What the store knows was looked at before, and again what arrived since (`Neighbourhood`). The items of the batch
meet in memory: each sees those before it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from services.archivist.alike import BEST, judge
from services.archivist.incoming import Incoming
from services.archivist.neighbourhood import Neighbourhood
from services.archivist.stories import LOOK_BACK, same_story
from shared.archive import arrivals, stories, story_events, story_words
from shared.archive.evidence import Evidence, How
from shared.archive.holdings import Holding
from shared.archive.rows import number
from shared.archive.stories import Keys
from shared.archive.story_events import Event

EXACT = Evidence(How.EXACT)


@dataclass(frozen=True, slots=True)
class Step:
    """An event of the batch that may bring its item to a story; `sort_at` is where it put the item in time."""

    number: int  # of the event in its batch
    holding: Holding
    event: Incoming
    is_new: bool
    sort_at: datetime


@dataclass(frozen=True, slots=True)
class _Link:
    """An item (`items.id`) that tells the same event, and why."""

    item: int
    why: Evidence
    score: float = 1.0


class Grouping:
    """The stories of one batch. Lives in one writing session; the rows must have their numbers."""

    def __init__(self, session: Session, around: Neighbourhood, steps: Sequence[Step], now: datetime) -> None:
        self._session, self._around, self._now = session, around, now
        self._steps: dict[int, Step] = {}  # item -> the last of its steps so far
        self._here: dict[int, dict[int, None]] = defaultdict(dict)  # key -> items with it, in their order
        self._holdings = {number(each.holding.row): each.holding for each in steps}
        self._names: dict[int, str] = {}
        self._roots: dict[int, str] = {}
        self._members: dict[str, dict[str, str]] = defaultdict(dict)  # root -> its items and their sources
        self._history: list[Event] = []
        self._apart = None if around.any_apart else frozenset[story_words.Pair]()  # None: read it when needed
        for each in stories.members(session, around.related() | _known(steps)):
            self._enter(each.number, each.item_id, each.source, each.story)
        for item, held in self._holdings.items():
            self._enter(item, held.row.item_id, held.row.source, held.root)

    def group(self, step: Step) -> None:
        """A new item joins the story it belongs to. A known one may show that stories are the same."""
        item = number(step.holding.row)
        for link in self._repeated(step) or self._alike(step):
            self._join(step, item, link)
        self._remember(step)

    def write_back(self) -> None:
        """Write down that the batch's items arrived, and what became of their stories."""
        arrivals.remember(self._session, self._steps)
        story_events.record(self._session, self._history)

    def _repeated(self, step: Step) -> Sequence[_Link]:
        """Items that repeat its words, the newest first."""
        item = number(step.holding.row)
        here = dict.fromkeys(name for key in step.event.keys for name in self._here.get(key, ()))
        mates = [name for name in reversed(here) if name != item and _near(self._steps[name], step)]
        found = [name for name in mates if same_story(step.event.piece, self._steps[name].event.piece)]
        found += self._around.repeated(step.number, step.sort_at, without={*self._steps, item})
        return [_Link(name, EXACT) for name in found]

    def _alike(self, step: Step) -> Sequence[_Link]:
        """The nearest item that tells a new item's event in other words, if there is one."""
        if not step.is_new:
            return ()
        item = number(step.holding.row)
        found = [
            _Link(near.item, why, near.near.score)
            for near, why in self._around.alike(step.number, without={*self._steps, item})
        ]
        near_by = self._around.mates(step.number)
        for name, mate in self._steps.items():
            near = near_by.get(mate.number)
            if near is not None and name != item and _near(mate, step):
                why = judge(step.event.piece, mate.event.piece, near)
                found += [_Link(name, why, near.score)] if why else []
        for link in sorted(found, key=lambda each: (-each.score, each.item))[:BEST]:
            if step.holding.row.source not in self._members[self._roots[link.item]].values():
                return (link,) if self._may_be_one(self._roots[item], self._roots[link.item]) else ()
        return ()

    def _join(self, step: Step, item: int, link: _Link) -> None:
        """Let the item's story and the other's be one, unless a person said that they never are."""
        mine, other = self._roots[item], self._roots.get(link.item)
        if other is None or mine == other or not self._may_be_one(mine, other):
            return
        held = step.holding
        if step.is_new and self._members[mine].keys() == {held.row.item_id}:  # it never was a story
            held.row.story = root = other
            self._rename(mine, other)
        else:
            root = self._merged((mine, other))
        self._history.append(Event(held.row.item_id, self._names[link.item], root, link.why, self._now))

    def _merged(self, roots: Sequence[str]) -> str:
        self._session.flush()  # who is the oldest shows in the table
        oldest = stories.merge(self._session, roots, self._now)
        for root in roots:
            if root != oldest:
                self._rename(root, oldest)
        return oldest

    def _rename(self, story: str, to: str) -> None:
        self._members[to] |= self._members.pop(story)
        for item, root in self._roots.items():
            if root == story:
                self._roots[item] = to
        for held in self._holdings.values():
            if held.root == story:
                held.root = to

    def _may_be_one(self, one: str, other: str) -> bool:
        if self._apart is None:
            everybody = [name for story in self._members.values() for name in story]
            self._apart = story_words.apart(self._session, everybody)
        return not any(
            story_words.pair(mine, theirs) in self._apart
            for mine in self._members[one]
            for theirs in self._members[other]
        )

    def _enter(self, item: int, item_id: str, source: str, root: str) -> None:
        self._names[item], self._roots[item] = item_id, root
        self._members[root][item_id] = source

    def _remember(self, step: Step) -> None:
        item = number(step.holding.row)
        if before := self._steps.get(item):
            for key in before.event.keys:
                self._here[key].pop(item, None)
        self._steps[item] = step
        for key in step.event.keys:
            self._here[key][item] = None


def remember_keys(session: Session, steps: Sequence[Step]) -> None:
    """Write down what the items will be found by. Nobody sees it before the commit, so it waits for no lock."""
    last = {number(each.holding.row): each for each in steps}
    keys = {item: Keys(step.event.keys, step.holding.row.sort_at) for item, step in last.items()}
    stories.remember_keys(session, keys, replaced=sorted(_known(steps)))


def _known(steps: Sequence[Step]) -> set[int]:
    """The items that the archive had before the batch."""
    new = {number(each.holding.row) for each in steps if each.is_new}
    return {number(each.holding.row) for each in steps} - new


def _near(one: Step, other: Step) -> bool:
    return abs(one.sort_at - other.sort_at) <= LOOK_BACK
