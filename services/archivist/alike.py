"""Pure. Whether two items tell the same event in other words, and why: what `same_story` cannot see.

How near two texts lie in meaning proposes; what a reader would object vetoes, however near they are. A wrong merge
suppresses a mail, so thresholds stand where hardly any of the merges of a thousand items of the press is wrong:
see docs/stories.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.archivist.stories import Piece
from shared.archive.evidence import Evidence, How

ACROSS: Final = 0.66  # languages
WITHIN: Final = 0.75  # one language
SUPPORTED: Final = 0.58  # across languages, where both state a figure that is hardly chance
FLOOR: Final = min(ACROSS, WITHIN, SUPPORTED)  # what lies farther apart is not judged
BEST: Final = 5  # candidates that are judged, the nearest
_CHANCE: Final = 12  # figures up to here are days, months and small counts, which many events share


@dataclass(frozen=True, slots=True)
class Near:
    """Cosines of two titles, and of the means of two texts' sentences; None where a text has none."""

    title: float
    text: float | None

    @property
    def score(self) -> float:
        return self.title if self.text is None else (self.title + self.text) / 2


def judge(one: Piece, other: Piece, near: Near) -> Evidence | None:
    """Why both tell the same event; None where they do not, or nobody could say.

    The one place where a pair is judged by more than its words. Symmetrical.
    """
    if one.source == other.source or near.text is None or vetoes(one, other):
        return None
    figures = tuple(sorted(one.figures.common(other.figures)))
    if near.score < _least(one, other, figures):
        return None
    return Evidence(How.MEANING, near.title, near.text, tuple(sorted(one.bodies & other.bodies)), figures)


def vetoes(one: Piece, other: Piece) -> tuple[str, ...]:
    """What speaks against one event, whatever the nearness."""
    found = {
        "opposed": one.stand.opposes(other.stand),
        "denied": one.stand.denies != other.stand.denies,
        "figures": one.figures.contradict(other.figures),
        "names": bool(one.bodies and other.bodies) and not one.bodies & other.bodies,
    }
    return tuple(name for name, speaks in found.items() if speaks)


def _least(one: Piece, other: Piece, figures: Sequence[float]) -> float:
    """How near two must lie."""
    if one.language == other.language:
        return WITHIN
    return SUPPORTED if any(figure > _CHANCE for figure in figures) else ACROSS
