"""Pure. From verdicts beside labels to countable things: what each publication adds to every figure."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from services.classifier.evaluation.draws import Floats, Ints
from services.classifier.evaluation.labelled import LANGUAGE, ORGANISATIONS, RUBRIC, THEMES, Labelled
from services.classifier.evaluation.ranks import Ranking
from services.classifier.model import FRANCO_GERMAN, SOVEREIGNTY
from shared.items import Verdict
from shared.text.fold import name_key

INSTANT: Final = 0.8  # score from which a theme is sure enough for an instant alert
ALL: Final = "all"  # every language together
Bools = npt.NDArray[np.bool_]
Named = Callable[[str], str]  # what the names of one body have in common


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure that is a sum over publications divided by another. It exists where the sum of `needs` is not 0.

    `of` is what is measured (`themes`, a label, `instant` ...), `measure` how (`f1`, `precision` ...).
    """

    of: str
    measure: str
    lang: str
    numerator: Floats
    denominator: Floats
    needs: Floats


@dataclass(frozen=True, slots=True)
class Answered:
    """Labelled items with the verdict on each; `numbers` are those of their publications, from 0."""

    items: Sequence[Labelled]
    verdicts: Sequence[Verdict]
    numbers: Ints
    publications: int

    @classmethod
    def of(cls, items: Sequence[Labelled], verdicts: Sequence[Verdict]) -> "Answered":
        """Raises ValueError unless there is one verdict per item, and an item."""
        if len(items) != len(verdicts) or not items:
            raise ValueError(
                f"{len(items)} labelled items, {len(verdicts)} verdicts: need one each, and at least one"
            )
        known = {group: number for number, group in enumerate(dict.fromkeys(item.group for item in items))}
        return cls(items, verdicts, np.array([known[item.group] for item in items], dtype=np.intp), len(known))

    def judged(self, label: str) -> Bools:
        return np.array([label in item.judged for item in self.items], dtype=bool)

    def scopes(self) -> Mapping[str, Bools]:
        """Every language together, then each by the label of its items."""
        langs = np.array([item.lang for item in self.items])
        return {ALL: np.ones(len(langs), dtype=bool), **{str(lang): langs == lang for lang in np.unique(langs)}}

    def total(self, each: npt.NDArray[np.generic]) -> Floats:
        """Sums per publication of a value per item."""
        return summed(each, self.numbers, self.publications)


def summed(each: npt.NDArray[np.generic], numbers: Ints, publications: int) -> Floats:
    """Sums per publication of a value per item."""
    return np.bincount(numbers, weights=each.astype(float), minlength=publications).astype(np.float64)


def ratios(answered: Answered, named: Named = name_key) -> Iterator[Ratio]:
    """Every figure but the rankings, in the order of the table."""
    by_item = [
        *_of_themes(answered),
        *_of_flags(answered),
        ("organisations", *_organisations(answered, named)),
    ]
    for lang, scope in answered.scopes().items():
        for of, hit, wrong, missed in by_item:
            yield from _told(of, lang, *(answered.total(each * scope) for each in (hit, wrong, missed)))
        for of, measure, right, asked in (_empty(answered), _language(answered)):
            yield _share(of, measure, lang, answered.total(right * scope), answered.total(asked * scope))
    yield from _across_languages(answered)


def rankings(answered: Answered) -> Iterator[Ranking]:
    """Sovereignty as labelled and as said, per scope that has any."""
    judged = answered.judged(SOVEREIGNTY)
    labelled = np.array([item.sovereignty for item in answered.items])
    said = np.array([verdict.sovereignty for verdict in answered.verdicts])
    for lang, scope in answered.scopes().items():
        if np.any(scope & judged):
            chosen = scope & judged
            yield Ranking(lang, labelled[chosen], said[chosen], answered.numbers[chosen])


_Counts = tuple[
    str, npt.NDArray[np.generic], npt.NDArray[np.generic], npt.NDArray[np.generic]
]  # of, hit, wrong, missed


def _of_themes(answered: Answered) -> Iterator[_Counts]:
    """All themes of the rubric together, the same at the instant threshold, and each label alone."""
    labelled = np.array([[t in item.themes for t in THEMES] for item in answered.items])
    given = np.array([[t in verdict.themes for t in THEMES] for verdict in answered.verdicts])
    scores = np.array([[verdict.scores.get(t, 0.0) for t in THEMES] for verdict in answered.verdicts])
    judged = np.column_stack([answered.judged(theme) for theme in THEMES])
    rubric = slice(0, len(RUBRIC))
    for of, said in (("themes", given), ("instant", given & (scores >= INSTANT))):
        hit, wrong, missed = (np.sum(each[:, rubric], axis=1) for each in _confusion(labelled, said, judged))
        yield of, hit, wrong, missed
    for column, theme in enumerate(THEMES):
        yield theme, *_confusion(labelled[:, column], given[:, column], judged[:, column])


def _of_flags(answered: Answered) -> Iterator[_Counts]:
    labelled = np.array([item.franco_german for item in answered.items])
    said = np.array([verdict.franco_german for verdict in answered.verdicts])
    yield FRANCO_GERMAN, *_confusion(labelled, said, answered.judged(FRANCO_GERMAN))


def _confusion(labelled: Bools, said: Bools, judged: Bools) -> tuple[Bools, Bools, Bools]:
    """Rightly given, wrongly given, missed."""
    return labelled & said & judged, ~labelled & said & judged, labelled & ~said & judged


def _organisations(answered: Answered, named: Named) -> tuple[Floats, Floats, Floats]:
    counts = np.zeros((len(answered.items), 3))
    for row, item, verdict in zip(counts, answered.items, answered.verdicts, strict=True):
        if ORGANISATIONS in item.judged:
            there, said = set(map(named, item.organisations)), set(map(named, verdict.organisations))
            row[:] = len(there & said), len(said - there), len(there - said)
    return counts[:, 0], counts[:, 1], counts[:, 2]


def _empty(answered: Answered) -> tuple[str, str, Bools, Bools]:
    """Of the items without a theme of the rubric, those that got none."""
    rubric = frozenset(RUBRIC)
    without = np.array([rubric <= item.judged and not rubric & item.themes for item in answered.items])
    left = np.array([rubric.isdisjoint(verdict.themes) for verdict in answered.verdicts])
    return "without theme", "left empty", without & left, without


def _language(answered: Answered) -> tuple[str, str, Bools, Bools]:
    judged = answered.judged(LANGUAGE)
    pairs = zip(answered.items, answered.verdicts, strict=True)
    right = np.array([item.lang == verdict.language for item, verdict in pairs])
    return "language", "accuracy", right & judged, judged


def _across_languages(answered: Answered) -> Iterator[Ratio]:
    """Of publications that stand in several languages: whether their texts get the same tags, and any at all.

    Pairs of texts of which neither got a tag are left out: they would make silence look like agreement.
    """
    alike, pairs, tagged, themed = (np.zeros(answered.publications) for _ in range(4))
    for number, texts in _publications(answered).items():
        if len({item.lang for item, _ in texts}) < 2:
            continue
        for (one, said), (other, also) in combinations(texts, 2):
            either = set(said.themes) | set(also.themes)
            if one.lang != other.lang and either:
                alike[number] += len(set(said.themes) & set(also.themes)) / len(either)
                pairs[number] += 1
        bearing = [verdict for item, verdict in texts if item.themes & item.judged]
        themed[number], tagged[number] = len(bearing), sum(bool(verdict.themes) for verdict in bearing)
    yield _share("across languages", "jaccard", ALL, alike, pairs)
    yield _share("across languages", "tagged", ALL, tagged, themed)


def _publications(answered: Answered) -> Mapping[int, Sequence[tuple[Labelled, Verdict]]]:
    found: dict[int, list[tuple[Labelled, Verdict]]] = defaultdict(list)
    for number, item, verdict in zip(answered.numbers, answered.items, answered.verdicts, strict=True):
        found[int(number)].append((item, verdict))
    return found


def _told(of: str, lang: str, hit: Floats, wrong: Floats, missed: Floats) -> Iterator[Ratio]:
    """Precision, recall and F1; the last two exist only where something was to be found."""
    yield _share(of, "precision", lang, hit, hit + wrong)
    yield _share(of, "recall", lang, hit, hit + missed)
    yield Ratio(of, "f1", lang, 2 * hit, 2 * hit + wrong + missed, hit + missed)


def _share(of: str, measure: str, lang: str, part: Floats, whole: Floats) -> Ratio:
    return Ratio(of, measure, lang, part, whole, whole)
