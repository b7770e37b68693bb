"""Pure. The figures of a model on labelled items, and of two models compared, each with its 95 % interval.

Intervals come from drawing publications with replacement, so that translations and near-duplicates do not pass for
independent evidence; the seed is fixed, so the same verdicts give the same table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from services.classifier.evaluation.counts import ALL, Answered, Named, Ratio, rankings, ratios, summed
from services.classifier.evaluation.draws import DRAWS, Floats, interval, weights
from services.classifier.evaluation.labelled import Labelled
from services.classifier.evaluation.ranks import Ranking, average_precision, spearman
from services.classifier.model import SOVEREIGNTY
from shared.items import Verdict
from shared.text.fold import name_key

_RANKED: Final[Sequence[tuple[str, Callable[[Ranking, Floats], Floats]]]] = (
    ("average precision", average_precision),
    ("spearman", spearman),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `value` is None where it does not exist, as recall without a positive; so is its interval.

    `support` is what it stands on: for recall and F1 the labels to be found, for precision those given, for shares
    the cases asked for, for rankings the items; `average precision` counts those of degree 0.5 or more.
    """

    of: str
    measure: str
    lang: str
    value: float | None
    low: float | None
    high: float | None
    support: int


@dataclass(frozen=True, slots=True)
class Report:
    """Every figure of one model on one set of items."""

    model: str
    items: int
    publications: int
    figures: tuple[Figure, ...]

    def figure(self, of: str, measure: str, lang: str = ALL) -> Figure:
        """Raises KeyError when nothing of that name was measured."""
        for figure in self.figures:
            if (figure.of, figure.measure, figure.lang) == (of, measure, lang):
                return figure
        raise KeyError((of, measure, lang))


@dataclass(frozen=True, slots=True)
class Difference:
    """How an F1 changed from one model to another on the same items; None where it exists for neither."""

    of: str
    lang: str
    before: float | None
    after: float | None
    change: float | None
    low: float | None
    high: float | None

    @property
    def sure(self) -> bool:
        """Whether the interval of the change excludes 0."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def evaluate(
    items: Sequence[Labelled],
    verdicts: Sequence[Verdict],
    *,
    draws: int = DRAWS,
    seed: int = 0,
    named: Named = name_key,
) -> Report:
    """Figures of the verdicts, one per item in order. `named` says which names of organisations are the same body.

    Raises ValueError when their numbers differ, or without an item.
    """
    answered = Answered.of(items, verdicts)
    counted, ranked = tuple(ratios(answered, named)), tuple(rankings(answered))
    columns, once = _columns(counted), np.ones((1, answered.publications))
    drawn, ranks_drawn = [], []
    for block in weights(answered.publications, draws, seed):
        drawn.append(_values(columns, block))
        ranks_drawn.append(_ranked(ranked, block))
    figures = (*_figures(counted, _values(columns, once), drawn), *_ranking_figures(ranked, once, ranks_drawn))
    models = ", ".join(sorted({verdict.model for verdict in verdicts}))
    return Report(models, len(items), answered.publications, figures)


def compare(
    items: Sequence[Labelled],
    before: Sequence[Verdict],
    after: Sequence[Verdict],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[Difference, ...]:
    """What every F1 became: over the themes together, per label, per language. Both saw the same draws."""
    old, new = (
        tuple(ratio for ratio in ratios(Answered.of(items, verdicts)) if ratio.measure == "f1")
        for verdicts in (before, after)
    )
    publications = len(old[0].numerator)
    was, now = _columns(old), _columns(new)
    once = np.ones((1, publications))
    blocks = [_values(now, block) - _values(was, block) for block in weights(publications, draws, seed)]
    both = zip(old, _values(was, once)[0], _values(now, once)[0], np.concatenate(blocks).T, strict=True)
    return tuple(_difference(*each) for each in both)


def _columns(counted: Sequence[Ratio]) -> Floats:
    """Publications by figures, three times: numerators, denominators, needs."""
    sides = ("numerator", "denominator", "needs")
    return np.column_stack([getattr(ratio, side) for side in sides for ratio in counted])


def _values(columns: Floats, drawn: Floats) -> Floats:
    """Draws by figures; NaN where a figure does not exist in a draw."""
    over, under, needs = np.split(drawn @ columns, 3, axis=1)
    values: Floats = np.divide(over, under, out=np.full_like(over, np.nan), where=needs > 0)
    return values


def _ranked(ranked: Sequence[Ranking], drawn: Floats) -> Floats:
    columns = [
        measure(ranking, by_item)
        for ranking in ranked
        for by_item in (drawn[:, ranking.groups],)
        for _, measure in _RANKED
    ]
    return np.column_stack(columns) if columns else np.empty((len(drawn), 0))


def _figures(counted: Sequence[Ratio], values: Floats, drawn: Sequence[Floats]) -> Sequence[Figure]:
    every = np.concatenate(drawn)
    return [
        _figure(ratio.of, ratio.measure, ratio.lang, values[0, column], every[:, column], ratio.needs)
        for column, ratio in enumerate(counted)
    ]


def _ranking_figures(ranked: Sequence[Ranking], once: Floats, drawn: Sequence[Floats]) -> Sequence[Figure]:
    values, every = _ranked(ranked, once), np.concatenate(drawn)
    named = [(ranking, name) for ranking in ranked for name, _ in _RANKED]
    return [
        _figure(SOVEREIGNTY, name, ranking.lang, values[0, column], every[:, column], _held(ranking, name))
        for column, (ranking, name) in enumerate(named)
    ]


def _held(ranking: Ranking, measure: str) -> Floats:
    """The items that a ranking's figure stands on, per publication."""
    counts = ranking.labelled >= 0.5 if measure == "average precision" else np.ones(len(ranking.labelled))
    return summed(counts, ranking.groups, int(ranking.groups.max()) + 1)


def _figure(of: str, measure: str, lang: str, value: float, drawn: Floats, support: Floats) -> Figure:
    low, high = _interval(value, drawn, support)
    return Figure(of, measure, lang, _known(value), low, high, round(float(np.sum(support))))


def _difference(ratio: Ratio, was: float, now: float, drawn: Floats) -> Difference:
    low, high = _interval(now - was, drawn, ratio.needs)
    return Difference(ratio.of, ratio.lang, _known(was), _known(now), _known(now - was), low, high)


def _interval(value: float, drawn: Floats, support: Floats) -> tuple[float, float] | tuple[None, None]:
    """None for a figure that does not exist or stands on a single publication: drawing it again says nothing."""
    found = interval(drawn) if not np.isnan(value) and np.count_nonzero(support) > 1 else None
    return found or (None, None)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
