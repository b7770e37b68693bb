"""Pure. Numbers over time as bars of a drawing, and as a table to take away."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final

from shared.archive.course import Course

WIDTH: Final = 720
HEIGHT: Final = 160
_GAP: Final = 0.2  # of a bar's room


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar in a drawing of WIDTH and HEIGHT, from its lower edge up."""

    x: float
    y: float
    width: float
    height: float


def bars(values: Sequence[float], most: float, height: int = HEIGHT) -> tuple[Bar, ...]:
    """A bar for each value, as high as its part of `most`."""
    room = WIDTH / max(len(values), 1)
    tall = [height * value / most if most else 0.0 for value in values]
    broad, edge = round(room * (1 - _GAP), 2), room * _GAP / 2
    return tuple(
        Bar(round(at * room + edge, 2), round(height - high, 2), broad, round(high, 2))
        for at, high in enumerate(tall)
    )


def middle(at: int, of: int) -> float:
    """Where the middle of a bucket is."""
    return round((at + 0.5) * WIDTH / max(of, 1), 2)


def line(values: Sequence[float], most: float, height: int) -> str:
    """The points of a line through the middle of each bucket."""
    return " ".join(
        f"{middle(at, len(values))},{round(height - (height * value / most if most else 0), 2)}"
        for at, value in enumerate(values)
    )


def as_csv(course: Course, name: Callable[[str], str] = str) -> str:
    """A line for each bucket: count, share of all items (four decimals), all items, sources; then by value."""
    values = course.values()
    out = StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(["start", "count", "share", "all", "sources", *map(name, values)])
    for at, start in enumerate(course.trend.starts):
        share = course.shares()[at]
        row = [start.isoformat(), course.counts[at], "" if share is None else f"{share:.4f}"]
        own = [course.trend.counts[value][at] for value in values]
        writer.writerow([*row, course.totals[at], course.sources[at], *own])
    return "\ufeff" + out.getvalue()
