"""Pure. What really changed between two wordings of an item: which sentences came, and which went.

Nothing changed where sentences only moved or were cut in another way, where punctuation, capitals, spaces or a
misspelt word were put right, where a line says when the page was updated, or where crumbs of a menu came or went.
What had hardly any text and now has all of it was read better, not rewritten; so was what lost nearly all of it.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from shared.meaning.sentences import sentences

LETTERS: Final = 60_000  # of a text that are compared
SENTENCES: Final = 600
CRUMB: Final = 4  # words; fewer are no sentence, unless they hold a number
TEASER: Final = 3  # sentences; fewer are a teaser
SHRUNK: Final = 3  # times: a text so much shorter or longer was read in another way
STAMP: Final = 10  # words; a longer sentence says more than when something was updated
_SAME_WORD: Final = 0.7  # likeness of a word and its misspelling
_WORD: Final = re.compile(r"\w+(?:[.,]\d+)*")
_STAMP: Final = re.compile(
    r"\b(?:stand|aktualisiert\w*|zuletzt|geändert|veröffentlicht|updated|modified|revised|published|"
    r"mis[e]? à jour|modifié\w*|publié\w*|actualisé\w*)\b"
)


@dataclass(frozen=True, slots=True)
class Wording:
    """An item's words in one revision."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Changed:
    """The sentences that came and those that went, each in the order of its text."""

    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    words: tuple[str, ...]

    @property
    def numbers(self) -> Counter[str]:
        return Counter(word for word in self.words if any(map(str.isdigit, word)))


def changed(before: Wording, after: Wording) -> Changed | None:
    """None where nothing of it is news."""
    if before == after:
        return None
    old, new = _read(before), _read(after)
    added, removed = _without(new, before), _without(old, after)
    if _read_in_another_way(len(old) - 1, len(new) - 1):
        return None
    added, removed = _rewritten(added, removed)
    if not added and not removed:
        return None
    return Changed(tuple(one.text for one in added), tuple(one.text for one in removed))


def _read(wording: Wording) -> Sequence[_Sentence]:
    """The title, then the sentences of the body."""
    lines = (_Sentence(line, _words(line)) for line in wording.body[:LETTERS].splitlines())
    body = "\n".join(line.text for line in lines if not _crumb(line) and not _stamp(line))
    read = (_Sentence(text, _words(text)) for text in sentences(body, LETTERS, SENTENCES))
    title = _Sentence(wording.title, _words(wording.title))
    return [title, *(one for one in read if not _crumb(one) and not _stamp(one))]


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def _crumb(one: _Sentence) -> bool:
    return len(one.words) < CRUMB and not one.numbers


def _stamp(one: _Sentence) -> bool:
    return len(one.words) <= STAMP and bool(one.numbers) and bool(_STAMP.search(one.text.casefold()))


def _without(these: Sequence[_Sentence], other: Wording) -> list[_Sentence]:
    """Those of these that the other wording does not have, even cut in another way or in another place."""
    whole = f" {' '.join(_words(f'{other.title} {other.body[:LETTERS]}'))} "
    return [one for one in these if f" {' '.join(one.words)} " not in whole]


def _read_in_another_way(old: int, new: int) -> bool:
    """By the numbers of sentences of both bodies."""
    less, more = min(old, new), max(old, new)
    return less < TEASER and more >= SHRUNK * max(less, 1)


def _rewritten(
    added: Sequence[_Sentence], removed: Sequence[_Sentence]
) -> tuple[list[_Sentence], list[_Sentence]]:
    """Without the pairs of which one is the other put right."""
    left, came = list(removed), []
    for one in added:
        same = next((other for other in left if _put_right(other, one)), None)
        if same is None:
            came.append(one)
        else:
            left.remove(same)
    return came, left


def _put_right(old: _Sentence, new: _Sentence) -> bool:
    """The same words, but for misspelt ones. A number is never misspelt, and a word more or less is news."""
    if len(old.words) != len(new.words) or old.numbers != new.numbers:
        return False
    others = [(one, two) for one, two in zip(old.words, new.words, strict=True) if one != two]
    if len(others) > max(1, len(old.words) // 8):
        return False
    return all(SequenceMatcher(None, one, two).ratio() >= _SAME_WORD and len(one) > 3 for one, two in others)
