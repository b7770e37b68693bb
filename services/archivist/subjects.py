"""What else is of the same subject: the nearest publications of thirty days, for readers. It decides nothing.

Worked out beside the stories, some items at a time: nobody waits for it. What is read for it is not kept.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from shared.archive import arrivals, locks, subjects
from shared.archive.arrivals import Meant
from shared.archive.subjects import Subject
from shared.meaning.vectors import unpacked
from shared.store import Store

AT_ONCE: Final = 100  # items
NEAR: Final = timedelta(days=30)
ACROSS, WITHIN = 0.52, 0.55  # languages
MOST: Final = 5  # for an item
_CHUNK: Final = 2_000  # vectors that are unpacked at a time

Floats = NDArray[np.float32]


def step(store: Store) -> int:
    """Find the neighbours of the next items; how many items those were."""
    with store.reading() as session:
        after = subjects.done(session)
        numbers = subjects.next_items(session, after, AT_ONCE)
        found = _neighbours(session, arrivals.meant_among(session, numbers)) if numbers else []
    if not numbers:
        return 0
    with store.writing() as session:
        locks.in_turn(store, session)  # two archivists work at the same items for once, and then not again
        if subjects.done(session) == after:
            subjects.keep(session, found, done=max(numbers), now=store.now(session))
            arrivals.forget_old(session)
    return len(numbers)


def _neighbours(session: Session, items: Sequence[Meant]) -> list[Subject]:
    """Those that arrived before each of the items, by nearness."""
    if not items:
        return []
    times = [each.sort_at for each in items]
    others = [
        each
        for each in arrivals.meant_between(session, min(times) - NEAR, max(times) + NEAR)
        if each.text and each.version == items[0].version
    ]
    best: dict[int, list[Subject]] = {each.item: [] for each in items}
    for start in range(0, len(others), _CHUNK):
        some = others[start : start + _CHUNK]
        title, text = (_cosines(items, some, side) for side in ("title", "text"))
        for at, each in enumerate(items):
            best[each.item] += _near(each, some, title[at], text[at])
    return [
        subject
        for near in best.values()
        for subject in sorted(near, key=lambda each: (-each.title - each.text, each.other))[:MOST]
    ]


def _near(item: Meant, others: Sequence[Meant], title: Floats, text: Floats) -> Iterator[Subject]:
    if not item.text:
        return
    for at in np.flatnonzero(title + text >= 2 * min(ACROSS, WITHIN)):
        other = others[int(at)]
        least = WITHIN if item.language == other.language else ACROSS
        near = abs(other.sort_at - item.sort_at) <= NEAR and other.item < item.item
        if near and (title[at] + text[at]) / 2 >= least:
            yield Subject(item.item, other.item, float(title[at]), float(text[at]))


def _cosines(items: Sequence[Meant], others: Sequence[Meant], side: str) -> Floats:
    one, other = (
        np.array([unpacked(getattr(each, side)) if each.text else _NOTHING for each in some])
        for some in (items, others)
    )
    cosines: Floats = one @ other.T
    return cosines


_NOTHING: Final = np.zeros(512, np.float32)
