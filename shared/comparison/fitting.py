"""Fits the pair model on written reports: `python -m shared.comparison.fitting tests/data/pairs/reports.tsv`.

A line of the file is a group, a kind, a language, a title and a text: reports of a group marked `event` tell one
event; the others of it are near it (another event of the project, another issue of the series, the same body
on the same day). Groups whose number divides by three are held out; all of a pair's reports are of one group.
"""

import argparse
import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.comparison.pair import FEATURES, Nearness, Report, features, report
from shared.meaning.encoder import the_encoder
from shared.meaning.kept import Vectors
from shared.meaning.vectors import nearness

TARGET: Final = Path(__file__).parent / "pair.json"
BOUND: Final = 0.5
_SMOOTHED: Final = 0.3  # how much large weights cost
_ROUNDS: Final = 50
_HELD: Final = 3

Floats = NDArray[np.float64]
Encodes = Callable[[str, str], Vectors]  # of a title and a text


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs by row: their features, whether they tell one event, their group."""

    seen: Floats
    same: NDArray[np.bool_]
    group: NDArray[np.int64]

    def only(self, rows: NDArray[np.bool_]) -> "Pairs":
        return Pairs(self.seen[rows], self.same[rows], self.group[rows])

    @property
    def held(self) -> NDArray[np.bool_]:
        """Those that nothing is fitted on."""
        return np.asarray(self.group % _HELD == 0, np.bool_)


@dataclass(frozen=True, slots=True)
class _Read:
    group: int
    event: bool
    report: Report
    vectors: Vectors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", type=Path)
    parser.add_argument("--target", type=Path, default=TARGET)
    given = parser.parse_args()
    pairs = read_pairs(given.reports)
    bias, *weights = fit(pairs.only(~pairs.held))
    named = {name: round(float(weight), 3) for name, weight in zip(FEATURES, weights, strict=True)}
    model = {"bias": round(float(bias), 3), "bound": BOUND, **named}
    given.target.write_text(json.dumps(model, indent=2) + "\n", "utf-8")


def read_pairs(path: Path, of_item: Encodes | None = None) -> Pairs:
    """Every pair within a group. `of_item` knows what titles and texts say; else the encoder is asked."""
    read = list(_reports(path, of_item or the_encoder().of_item))
    both = [(one, other) for one, other in combinations(read, 2) if one.group == other.group]
    rows = [features(one.report, other.report, near(one.vectors, other.vectors)) for one, other in both]
    return Pairs(
        np.array([[row[name] for name in FEATURES] for row in rows]),
        np.array([one.event and other.event for one, other in both]),
        np.array([one.group for one, _ in both]),
    )


def near(one: Vectors, other: Vectors) -> Nearness:
    """What kept vectors say; a report without text is its title."""
    text, theirs = one.text or one.title, other.text or other.title
    crossed = max(nearness(one.title, theirs), nearness(other.title, text))
    return Nearness(nearness(one.title, other.title), nearness(text, theirs), crossed)


def fit(pairs: Pairs) -> Floats:
    """Bias and weights of the regression, by Newton's method."""
    seen = np.column_stack([np.ones(len(pairs.seen)), pairs.seen])
    weights = np.zeros(seen.shape[1])
    cost = np.diag([1e-6, *[_SMOOTHED] * (len(weights) - 1)])
    for _ in range(_ROUNDS):
        likely = 1 / (1 + np.exp(-seen @ weights))
        slope = seen.T @ (likely - pairs.same) + cost @ weights
        curve = (seen.T * (likely * (1 - likely))) @ seen + cost
        weights -= np.linalg.solve(curve, slope)
    return weights


def scores(weights: Floats | Sequence[float], pairs: Pairs) -> Floats:
    """How likely each pair tells one event."""
    found: Floats = 1 / (1 + np.exp(-(weights[0] + pairs.seen @ np.asarray(weights[1:]))))
    return found


def _reports(path: Path, of_item: Encodes) -> Iterator[_Read]:
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            vectors = of_item(row["title"], row["text"])
            said = report(row["lang"], row["title"], row["text"])
            yield _Read(int(row["group"]), row["kind"] == "event", said, vectors)


if __name__ == "__main__":
    main()
