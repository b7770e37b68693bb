"""Pure. Which publications of one side may tell what one of the other side tells.

It asks generously: where a counterpart is only likely, nobody is said to be silent. Items of one story are one; so
are those that lie near in meaning, and those that the pair model holds for one event with little doubt to spare.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from shared.comparison.pair import Nearness, Report, judge
from shared.meaning.vectors import unpacked

SUBJECT: Final = 0.52  # mean cosine of title and text from which two are about one thing
LIKELY: Final = 0.15  # of the pair model: what is less likely is no counterpart
LOOKED_AT: Final = 30  # items that are judged, the nearest


@dataclass(frozen=True, slots=True)
class Told:
    """A publication: `number` is its `items.id`; vectors as they are kept."""

    number: int
    source: str
    at: datetime
    story: str
    title: bytes
    text: bytes


class Side:
    """The publications of one side, ready to be asked."""

    def __init__(self, told: Sequence[Told]) -> None:
        self._told = told
        self._titles = _matrix([each.title for each in told])
        self._texts = _matrix([each.text or each.title for each in told])

    def nearest(self, one: Told) -> list[tuple[Told, Nearness]]:
        """Those that are judged, whenever they came."""
        if not self._told:
            return []
        title, text = unpacked(one.title), unpacked(one.text or one.title)
        titles, texts = self._titles @ title, self._texts @ text
        crossed = np.maximum(self._texts @ title, self._titles @ text)
        order = np.argsort(-(titles + texts), kind="stable")[:LOOKED_AT]
        return [
            (self._told[at], Nearness(float(titles[at]), float(texts[at]), float(crossed[at]))) for at in order
        ]

    def counterparts(self, one: Told, report: Callable[[int], Report], since: datetime) -> Iterator[Told]:
        """Those that may tell the same and came at `since` or later: those of its story, those near in meaning,
        and of the others the earliest that the pair model finds. To report on a text takes longest: it comes last.
        """
        judged = []
        yield from (each for each in self._told if each.story == one.story and each.at >= since)
        for other, near in self.nearest(one):
            if other.story == one.story or other.at < since:
                continue
            if (near.title + near.text) / 2 >= SUBJECT:
                yield other
            else:
                judged.append((other, near))
        for other, near in sorted(judged, key=lambda each: each[0].at):
            if judge(report(one.number), report(other.number), near).score >= LIKELY:
                yield other
                return


def _matrix(kept: Sequence[bytes]) -> np.ndarray:
    return np.stack([unpacked(each) for each in kept]) if kept else np.empty((0, 0), np.float32)
