"""Pure. Two ways of doing the same, in turn, so that whatever else the machine does meets both alike.

A ratio is taken within each round; its median over the rounds is what to quote, its quartiles say how far to
trust it. Single rates swing with the load of the machine; ratios much less.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Work = Callable[[], float]  # does a fixed piece of work and says its rate, in what its caller counts per second


@dataclass(frozen=True, slots=True)
class Compared:
    """Rates of two works, round by round: `bare` is the yardstick, `ours` what is measured."""

    bare: Sequence[float]
    ours: Sequence[float]

    @property
    def ratios(self) -> Sequence[float]:
        """Ours over bare, of each round."""
        return [ours / bare for bare, ours in zip(self.bare, self.ours, strict=True)]

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    def row(self, name: str) -> str:
        low, _, high = statistics.quantiles(self.ratios, n=4)
        ratio = f"{self.ratio:.2f} ({low:.2f} - {high:.2f})"
        return f"{name:<30}{shown(self.bare):>26}{shown(self.ours):>26}{ratio:>22}"


HEADING = f"{'':<30}{'bare':>26}{'ours':>26}{'ours / bare':>22}"


def compare(bare: Work, ours: Work, rounds: int) -> Compared:
    """Each round does both, the one that goes first changing with the round."""
    rates: Mapping[Work, list[float]] = {bare: [], ours: []}
    for number in range(rounds):
        for work in (bare, ours) if number % 2 == 0 else (ours, bare):
            rates[work].append(work())
    return Compared(rates[bare], rates[ours])


def shown(rates: Sequence[float]) -> str:
    """Median (least - most)."""
    return f"{statistics.median(rates):,.0f} ({min(rates):,.0f} - {max(rates):,.0f})"
