"""Pure. From what every word contributed to the passages that people read: few, short, and enough to explain.

The heaviest words are taken until what is left would no longer carry the label, or `MOST` of the text is taken.
Neighbours become one passage, and so do words with a small one between them (KI im Krankenhaus), unless a clause
breaks off there. A passage is then read as a phrase: it grows to the words around it that belong to it, and begins
and ends with words of some meaning.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.classifier.lexicon.evidence import Part
from services.classifier.small_words import is_small, parts, ties
from shared.items import Reason

MOST: Final = 0.15  # share of the words that the reasons of one label may take
PASSAGES: Final = 6
_FEWEST: Final = 2  # words that a very short text may give away
_MARGIN: Final = 0.75  # how far below the threshold the logit shall be without the passages
_AROUND: Final = 2  # words that a passage grows by to its left, at most: there stand adjectives
_LEAST: Final = 0.15  # of the heaviest passage's weight: what carries less is no reason beside it
_LONGEST: Final = 6  # words of a passage that has grown
_GLUE: Final = re.compile(r"[-‐‑/.,&]?")  # what makes one word of two: Li-ion, 2.2 million
_TIE: Final = re.compile(r"[\s'’\-/]+")  # what may stand between two words of one phrase
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
        part, offset = self._part(first)
        return part.text[part.words[first - offset].start : part.words[last - offset].end]

    def joined(self, first: int) -> bool:
        """Whether nothing but a space or a tie stands between the word and the next."""
        if first + 1 == len(self.title.words) or first + 1 >= len(self):
            return False
        part, offset = self._part(first)
        end, start = part.words[first - offset].end, part.words[first + 1 - offset].start
        return start - end <= 2 and not _BORDER.search(part.text, end, start + 1)

    def tied(self, first: int) -> bool:
        """Whether the word and the next may belong to one phrase: only an apostrophe or hyphen parts them."""
        if not self.joined(first):
            return False
        part, offset = self._part(first)
        end, start = part.words[first - offset].end, part.words[first + 1 - offset].start
        return start == end or bool(_TIE.fullmatch(part.text, end, start))

    def glued(self, first: int) -> bool:
        """Whether the word and the next are one as they are written: a cut between them makes no sense."""
        if not self.joined(first):
            return False
        part, offset = self._part(first)
        return bool(
            _GLUE.fullmatch(part.text, part.words[first - offset].end, part.words[first + 1 - offset].start)
        )

    def leads(self, word: int) -> bool:
        """Whether the word says how something is that stands behind it: naturnaher Lebensräume, battery-electric
        ships."""
        if not self.tied(word) or self.small(word + 1):
            return False
        part, offset = self._part(word)
        here, behind = part.words[word - offset].surface, part.words[word + 1 - offset].surface
        if word and here.islower() and self.glued(word - 1) and behind.islower():
            return part.text[part.words[word - offset].start - 1] == "-"
        return (here.islower() and behind[:1].isupper()) or here.endswith("ly")

    def small(self, word: int) -> bool:
        """Whether the word carries no meaning of its own (der, pour, of)."""
        part, offset = self._part(word)
        return is_small(part.words[word - offset].surface)

    def parts(self, word: int) -> bool:
        """Whether a phrase breaks off at the word (Stadtwerke ihre Wärmeplanung)."""
        part, offset = self._part(word)
        return parts(part.words[word - offset].surface)

    def ties(self, word: int) -> bool:
        """Whether the word makes one phrase of its neighbours."""
        part, offset = self._part(word)
        return ties(part.words[word - offset].surface)

    def _part(self, word: int) -> tuple[Part, int]:
        in_title = word < len(self.title.words)
        return (self.title, 0) if in_title else (self.body, len(self.title.words))


def reasons(label: str, words: Words, amounts: NDArray[np.float32], logit: float) -> tuple[Reason, ...]:
    """Why `label` was given: passages with the share that each carries of all that spoke for it.

    `amounts` is what each word adds to the label's logit. At least one passage for a text with words.
    """
    if not len(words):
        return ()
    spoke = float(amounts[amounts > 0].sum()) or 1.0
    allowed = max(_FEWEST, int(MOST * len(words)))
    chosen = _chosen(amounts, logit, allowed)
    telling = {word for word in chosen if not words.parts(word)} or chosen
    heavy = _runs(words, _bridged(words, telling, allowed))
    runs = _apart([_phrase(words, first, last) for first, last in heavy])
    carried: dict[str, float] = {}
    for first, last in runs:
        passage = words.cut(first, last)
        carried[passage] = carried.get(passage, 0.0) + max(float(amounts[first : last + 1].sum()), 0.0) / spoke
    weighed = sorted(carried.items(), key=lambda pair: -pair[1])[:PASSAGES]
    return tuple(
        Reason(label=label, passage=passage, weight=round(min(weight, 1.0), 4))
        for passage, weight in weighed
        if weight >= _LEAST * weighed[0][1]
    )


def _phrase(words: Words, first: int, last: int) -> tuple[int, int]:
    """The phrase around the words `first` to `last`: it ends at small words, and is not one word where it can."""
    begin, end = first, last
    while begin > 0 and first - begin < _AROUND and words.tied(begin - 1) and not words.small(begin - 1):
        begin -= 1
    if begin == end and end + 1 < len(words) and words.tied(end) and not words.small(end + 1):
        end += 1
    elif begin == end:  # a word alone says little: with what a small word ties to it
        if not _bound(words, end) and _bound(words, begin - 2):
            begin -= 2
        elif _bound(words, end, tightly=False):
            end += 2
        elif _bound(words, begin - 2, tightly=False):
            begin -= 2
    elif _bound(words, begin - 2) and any(map(words.small, range(begin, end))):
        begin -= 2  # whose it is that does something: ministères du numérique ont signé
    while begin < first and end - begin >= _LONGEST:
        begin += 1
    end = max(last, min(end, begin + _LONGEST - 1))
    while begin < end and words.small(begin):
        begin += 1
    while end > begin and words.small(end):
        end -= 1
    return _whole(words, begin, end)


def _whole(words: Words, begin: int, end: int) -> tuple[int, int]:
    """The phrase with what its last word leads to, and without cuts in what is written as one word."""
    if words.leads(end):
        end += 1
    while begin > 0 and words.glued(begin - 1):
        begin -= 1
    while words.glued(end):
        end += 1
    return begin, end


def _bound(words: Words, word: int, tightly: bool = True) -> bool:
    """Whether one small word stands between this word and a next one, both of some meaning, that makes one phrase
    of them (KI im Krankenhaus); or, if not `tightly`, at which none breaks off (patients sont orientés)."""
    return (
        0 <= word < len(words) - 2
        and words.tied(word)
        and words.tied(word + 1)
        and (words.ties(word + 1) if tightly else words.small(word + 1) and not words.parts(word + 1))
        and not words.small(word)
        and not words.small(word + 2)
    )


def _apart(runs: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """`runs` in order, those that overlap as one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(runs):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


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
    joining = [word for word in between if words.joined(word - 1) and words.joined(word) and not words.parts(word)]
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
