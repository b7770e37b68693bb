"""Pure. What a person corrected, no machine overwrites."""

from collections.abc import Mapping
from typing import Final

from shared.items import Verdict

HOLDS: Final = 0.5  # a corrected label holds from this value on
SOVEREIGNTY: Final = "sovereignty"
FRANCO_GERMAN: Final = "franco_german"


def corrected(verdict: Verdict, corrections: Mapping[str, float]) -> Verdict:
    """`verdict` with people's words on its labels (label -> 0..1) in place of the machine's.

    The reasons for a label that a person took away go with it.
    """
    if not corrections:
        return verdict
    by_theme = {label: value for label, value in corrections.items() if label not in (SOVEREIGNTY, FRANCO_GERMAN)}
    added = (theme for theme, value in by_theme.items() if value >= HOLDS and theme not in verdict.themes)
    kept = (theme for theme in verdict.themes if by_theme.get(theme, 1.0) >= HOLDS)
    return verdict.model_copy(
        update={
            "scores": {**verdict.scores, **by_theme},
            "themes": (*kept, *added),
            "sovereignty": corrections.get(SOVEREIGNTY, verdict.sovereignty),
            "franco_german": corrections.get(FRANCO_GERMAN, float(verdict.franco_german)) >= HOLDS,
            "reasons": tuple(r for r in verdict.reasons if corrections.get(r.label, 1.0) >= HOLDS),
        }
    )
