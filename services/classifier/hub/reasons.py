"""Pure. Why a foreign model gave a label, without a look inside it: each sentence is left out in turn.

What the score then loses, in log-odds, is what the sentence carries. It is the one explanation that works for
every model; it costs one pass per sentence (and label, for an inference model).
"""

from collections.abc import Mapping, Sequence
from typing import Final

from services.classifier.explain import REASONS_PER_LABEL
from services.classifier.hub.engine import log_odds
from services.classifier.hub.scorers import Scorer
from services.classifier.hub.windows import Window, joined
from shared.items import Reason

_NOTHING: Final = 0.05  # log-odds: where all sentences together lose no more, none of them carries the label
_LEAST: Final = 0.05  # share that is worth a reason


def explain(
    scorer: Scorer, language: str, window: Window, labels: Sequence[str], most: int
) -> Mapping[str, tuple[Reason, ...]]:
    """At most `REASONS_PER_LABEL` and at least one for each label, heaviest first; `most` sentences are tried.

    Where several sentences say the same, none is missed: then the one that scores highest alone is the reason.
    """
    parts = window.parts(most)
    if len(parts) == 1:
        return {label: (Reason(label=label, passage=parts[0], weight=1.0),) for label in labels}
    texts = [joined(parts), *(joined([*parts[:n], *parts[n + 1 :]]) for n in range(len(parts)))]
    whole, *without = scorer.scores(texts, language, labels)
    found = {}
    for label in labels:
        drops = [max(0.0, log_odds(whole[label]) - log_odds(row[label])) for row in without]
        if sum(drops) > _NOTHING:
            found[label] = _heaviest(label, parts, drops)
    unexplained = [label for label in labels if label not in found]
    if unexplained:
        alone = scorer.scores(parts, language, unexplained)
        for label in unexplained:
            best = max(range(len(parts)), key=lambda n, label=label: alone[n][label])  # type: ignore[misc]
            found[label] = (Reason(label=label, passage=parts[best], weight=1.0),)
    return found


def _heaviest(label: str, parts: Sequence[str], drops: Sequence[float]) -> tuple[Reason, ...]:
    whole = sum(drops)
    order = sorted(range(len(parts)), key=lambda n: (-drops[n], n))[:REASONS_PER_LABEL]
    return tuple(
        Reason(label=label, passage=parts[n], weight=round(drops[n] / whole, 4))
        for place, n in enumerate(order)
        if place == 0 or drops[n] / whole >= _LEAST
    )
