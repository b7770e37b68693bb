"""A foreign model behind our port: its scores where it has labels of ours, the lexicon's for the rest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.classifier.hub.options import Options
from services.classifier.hub.reasons import explain
from services.classifier.hub.scorers import Scorer
from services.classifier.hub.windows import Window
from services.classifier.lexicon.model import SOVEREIGNTY_REASONS_FROM
from services.classifier.model import FRANCO_GERMAN, SOVEREIGNTY, ClassifiableText, Model, NearMiss
from shared.items import Reason, Verdict
from shared.themes import themes

# The highest of several scores is too high by itself, and a theme of page three must be clearer than the lead's.
# Chosen, not measured.
LATER: Final = 0.9
_NEAR: Final = 0.5  # of the threshold: from there on a theme that was not given is worth a word

Cut = Callable[[str, str], tuple[Window, ...]]  # title, body -> windows
Explained = dict[str, tuple[Reason, ...]]


@dataclass(frozen=True, slots=True)
class _Read:
    """What the model said: a score per label, and the window that gave it."""

    scores: Mapping[str, float]
    windows: Mapping[str, Window]


class HubModel:
    """Thread-safe as far as its scorer is. `lexicon` gives language, organisations and the labels left to it."""

    def __init__(self, name: str, scorer: Scorer, cut: Cut, options: Options, lexicon: Model) -> None:
        self.name = name
        self._scorer, self._cut, self._options, self._lexicon = scorer, cut, options, lexicon

    def classify(self, text: ClassifiableText) -> Verdict:
        """See the port. Raises Unprocessable when the model fails on the text."""
        told = self._lexicon.classify(text)
        read = self._read(text, told.language)
        scores = {theme: read.scores.get(theme, told.scores[theme]) for theme in themes()}
        given = tuple(theme for theme in themes() if self._is_given(theme, read, theme in told.themes))
        sovereignty = read.scores.get(SOVEREIGNTY, told.sovereignty)
        franco_german = self._is_given(FRANCO_GERMAN, read, told.franco_german)
        labels = list(given)
        labels += [SOVEREIGNTY] if sovereignty >= SOVEREIGNTY_REASONS_FROM else []
        labels += [FRANCO_GERMAN] if franco_german else []
        return Verdict(
            language=told.language,
            scores=scores,
            themes=given,
            sovereignty=sovereignty,
            franco_german=franco_german,
            organisations=told.organisations,
            reasons=self._reasons(labels, read, told),
            model=self.name,
        )

    def why_not(self, text: ClassifiableText) -> tuple[NearMiss, ...]:
        """See the port. A theme counts from half of its threshold."""
        language = self._lexicon.classify(text).language
        read = self._read(text, language)
        near = []
        for theme in themes():
            score, needed = read.scores.get(theme, 0.0), self._options.threshold_of(theme)
            if theme in read.windows and _NEAR * needed <= score < needed:
                near.append(theme)
        explained = self._explained(near, read, language)
        misses = [
            NearMiss(theme, read.scores[theme], self._missing(theme, read), explained[theme]) for theme in near
        ]
        misses += [miss for miss in self._lexicon.why_not(text) if miss.label not in read.scores]
        return tuple(sorted(misses, key=lambda miss: miss.missing))

    def _missing(self, theme: str, read: _Read) -> float:
        return round(self._options.threshold_of(theme) - read.scores[theme], 4)

    def _is_given(self, label: str, read: _Read, else_: bool) -> bool:
        score = read.scores.get(label)
        return else_ if score is None else score >= self._options.threshold_of(label)

    def _read(self, text: ClassifiableText, language: str) -> _Read:
        windows = self._cut(text.title, text.body)
        if not windows:
            return _Read(dict.fromkeys(self._scorer.labels, 0.0), {})
        rows = self._scorer.scores([window.text for window in windows], language, self._scorer.labels)
        scores, best = {}, {}
        for label in self._scorer.labels:
            values = [row[label] * (1.0 if number == 0 else LATER) for number, row in enumerate(rows)]
            highest = max(range(len(values)), key=values.__getitem__)
            scores[label], best[label] = round(values[highest], 4), windows[highest]
        return _Read(scores, best)

    def _reasons(self, labels: Sequence[str], read: _Read, told: Verdict) -> tuple[Reason, ...]:
        explained = self._explained([label for label in labels if label in read.windows], read, told.language)
        by_lexicon = {label: tuple(r for r in told.reasons if r.label == label) for label in labels}
        by_label = by_lexicon | explained
        return tuple(reason for label in labels for reason in by_label.get(label, ()))

    def _explained(self, labels: Sequence[str], read: _Read, language: str) -> Explained:
        """Window by window: a sentence that is left out is left out for all labels of the window at once."""
        found: Explained = {}
        for window in dict.fromkeys(read.windows[label] for label in labels):
            here = [label for label in labels if read.windows[label] == window]
            found |= explain(self._scorer, language, window, here, self._options.sentences)
        return found
