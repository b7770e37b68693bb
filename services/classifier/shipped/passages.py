"""Pure. From what every word contributed to the passages that people read: few, short, and enough to explain.

The heaviest words are taken until what is left would no longer carry the label, or `MOST` of the text is taken.
Neighbours become one passage, and so do words with a small one between them (KI im Krankenhaus).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.classifier.lexicon.evidence import Part
from shared.items import Reason

MOST: Final = 0.15  # share of the words that the reasons of one label may take
PASSAGES: Final = 6
_FEWEST: Final = 2  # words that a very short text may give away
_MARGIN: Final = 1.0  # how far below the threshold the logit shall be without the passages
_BORDER: Final = re.compile(r"[.!?:;…]\s|[\n\r|•–—\"„“”«»()]")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a title and a window, numbered through, and where they stand."""

    title: Part
    body: Part

    def __len__(self) -> int:
        return len(self.title.words) + len(self.body.words)

    def cut(self, first: int, last: int) -> str:
        """The passage from word `first` to word `last`, both of one part, as written."""
        part, offset = (self.title, 0) if first < len(self.title.words) else (self.body, len(self.title.words))
        return part.text[part.words[first - offset].start : part.words[last - offset].end]

    def joined(self, first: int) -> bool:
        """Whether nothing but a space or a tie stands between the word and the next."""
        if first + 1 == len(self.title.words) or first + 1 >= len(self):
            return False
        part, offset = (self.title, 0) if first < len(self.title.words) else (self.body, len(self.title.words))
        end, start = part.words[first - offset].end, part.words[first + 1 - offset].start
        return start - end <= 2 and not _BORDER.search(part.text, end, start + 1)


def reasons(label: str, words: Words, amounts: NDArray[np.float32], logit: float) -> tuple[Reason, ...]:
    """Why `label` was given: passages with the share that each carries of all that spoke for it.

    `amounts` is what each word adds to the label's logit. At least one passage for a text with words.
    """
    if not len(words):
        return ()
    spoke = float(amounts[amounts > 0].sum()) or 1.0
    allowed = max(_FEWEST, int(MOST * len(words)))
    runs = _runs(words, _bridged(words, _chosen(amounts, logit, allowed), allowed))
    weighed = [(max(float(amounts[first : last + 1].sum()), 0.0) / spoke, first, last) for first, last in runs]
    weighed.sort(key=lambda run: (-run[0], run[1]))
    return tuple(
        Reason(label=label, passage=words.cut(first, last), weight=round(min(weight, 1.0), 4))
        for weight, first, last in weighed[:PASSAGES]
    )


def _chosen(amounts: NDArray[np.float32], logit: float, allowed: int) -> set[int]:
    """The heaviest words, as many as are needed and allowed."""
    taken: set[int] = set()
    left = logit
    for word in np.argsort(-amounts, kind="stable")[:allowed]:
        if taken and (amounts[word] <= 0 or left <= -_MARGIN):
            break
        taken.add(int(word))
        left -= float(amounts[word])
    return taken


def _bridged(words: Words, chosen: set[int], allowed: int) -> set[int]:
    """`chosen` with the words that stand alone between two of them, of `allowed` words together at most."""
    between = [word + 1 for word in sorted(chosen) if word + 1 not in chosen and word + 2 in chosen]
    joining = [word for word in between if words.joined(word - 1) and words.joined(word)]
    return chosen | set(joining[: max(0, allowed - len(chosen))])


def _runs(words: Words, chosen: set[int]) -> Sequence[tuple[int, int]]:
    """Neighbouring words of `chosen` as (first, last)."""
    runs: list[tuple[int, int]] = []
    for word in sorted(chosen):
        if runs and runs[-1][1] == word - 1 and words.joined(word - 1):
            runs[-1] = (runs[-1][0], word)
        else:
            runs.append((word, word))
    return runs
