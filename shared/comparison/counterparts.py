"""Pure. Which publications of one side may tell what one of the other side tells.

It asks generously: where a counterpart is only likely, nobody is said to be silent. Items of one story are one; so
are those that lie near in meaning, and those that the pair model holds for one event with little doubt to spare.
"""

from collections.abc import Iterator, Mapping, Sequence
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
    """The publications of one side, ready to be asked. The reports of all that may be compared come with them."""

    def __init__(self, told: Sequence[Told], reports: Mapping[int, Report]) -> None:
        self._told, self._reports = told, reports
        self._titles = _matrix([each.title for each in told])
        self._texts = _matrix([each.text or each.title for each in told])

    def counterparts(self, one: Told, report: Report) -> Iterator[Told]:
        """Those that may tell the same, whenever they came; the nearest first, those of its story before."""
        if not self._told:
            return
        title, text = unpacked(one.title), unpacked(one.text or one.title)
        nearness = np.stack([self._titles @ title, self._texts @ text])
        crossed = np.maximum(self._texts @ title, self._titles @ text)
        means = nearness.mean(axis=0)
        yield from (each for each in self._told if each.story == one.story)
        for at in np.argsort(-means, kind="stable")[:LOOKED_AT]:
            other = self._told[at]
            near = Nearness(float(nearness[0, at]), float(nearness[1, at]), float(crossed[at]))
            if other.story != one.story and self._may_tell(other, report, near):
                yield other

    def _may_tell(self, other: Told, report: Report, near: Nearness) -> bool:
        if (near.title + near.text) / 2 >= SUBJECT:
            return True
        return judge(report, self._reports[other.number], near).score >= LIKELY


def _matrix(kept: Sequence[bytes]) -> np.ndarray:
    return np.stack([unpacked(each) for each in kept]) if kept else np.empty((0, 0), np.float32)
