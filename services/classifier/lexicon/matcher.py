"""Pure. Finds the terms of a lexicon in the words of a text, in one pass.

Word patterns are looked up once per different word and kept; phrases are a trie over pattern numbers. What a pass
costs is the number of words that belong to any term, not the size of the lexicon.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from services.classifier.lexicon.terms import Term, WordPattern, spelling, word_pattern
from shared.text.fold import Token

_REMEMBERED_WORDS: Final = 100_000  # about 15 MB; a vocabulary of news in three languages fits
_SENTENCE_END: Final = re.compile(r"[.!?:;]\s|[\n|•–—]")


class Hit(NamedTuple):
    """A term in a text: the numbers of its first and last word."""

    term: Term
    first: int
    last: int


class _State:
    """A node of the trie: the terms that end here, and the patterns that lead on."""

    __slots__ = ("ends", "next")

    def __init__(self) -> None:
        self.ends: tuple[Term, ...] = ()  # most have none, and most lead nowhere: thousands of empty ones add up
        self.next: Mapping[int, _State] = _NOWHERE

    def to(self, number: int) -> "_State":
        """The node behind a pattern, made where there is none."""
        if self.next is _NOWHERE:
            self.next = {}
        assert isinstance(self.next, dict)
        state: _State = self.next.setdefault(number, _State())
        return state


_NOWHERE: Final[Mapping[int, _State]] = {}


class Matcher:
    """Terms, compiled. Threads may share it: its memory of words only ever saves work."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._numbers: dict[WordPattern, int] = {}
        self._root = _State()
        for term in terms:
            self._add(term)
        self._words = _WordIndex(self._numbers)
        self._seen: dict[str, tuple[int, ...]] = {}

    def _add(self, term: Term) -> None:
        state = self._root
        for word in term.words:
            number = self._numbers.setdefault(word_pattern(word), len(self._numbers))
            state = state.to(number)
        state.ends += (term,)

    def find(self, text: str, words: Sequence[Token]) -> list[Hit]:
        """Every term in `words` (the tokens of `text`), overlapping ones too, in order of their first word."""
        numbers = [self._patterns(word.surface) for word in words]
        found: list[Hit] = []
        for first, own in enumerate(numbers):
            if own:
                found.extend(self._from(text, words, numbers, first))
        return found

    def _patterns(self, surface: str) -> tuple[int, ...]:
        known = self._seen.get(surface)
        if known is None:
            if len(self._seen) >= _REMEMBERED_WORDS:
                self._seen.clear()
            known = self._seen[surface] = self._words.patterns_of(surface)
        return known

    def _from(
        self, text: str, words: Sequence[Token], numbers: Sequence[tuple[int, ...]], first: int
    ) -> Iterator[Hit]:
        states, last = [self._root], first
        while states and last < len(numbers):
            states = [s.next[n] for s in states for n in numbers[last] if n in s.next]
            for state in states:
                for term in state.ends:
                    if first == last or not _SENTENCE_END.search(text, words[first].end, words[last].start):
                        yield Hit(term, first, last)
            last += 1


class _WordIndex:
    """Which patterns a word fits: whole, by its beginning, its end, or its inside."""

    def __init__(self, numbers: dict[WordPattern, int]) -> None:
        self._cased: dict[str, int] = {}
        self._whole: dict[str, int] = {}
        self._starts: dict[str, int] = {}
        self._ends: dict[str, int] = {}
        self._inside: dict[str, int] = {}
        for pattern, number in numbers.items():
            self._table(pattern)[pattern.letters] = number

    def _table(self, pattern: WordPattern) -> dict[str, int]:
        if pattern.cased:
            return self._cased
        if pattern.open_start and pattern.open_end:
            return self._inside
        if pattern.open_start or pattern.open_end:
            return self._ends if pattern.open_start else self._starts
        return self._whole

    def patterns_of(self, surface: str) -> tuple[int, ...]:
        word = spelling(surface)
        size = len(word)
        found = [table[key] for table, key in ((self._cased, surface), (self._whole, word)) if key in table]
        found += [self._starts[word[:n]] for n in range(1, size + 1) if word[:n] in self._starts]
        found += [self._ends[word[n:]] for n in range(size) if word[n:] in self._ends]
        inside = {word[a:b] for a in range(size) for b in range(a + 1, size + 1)} & self._inside.keys()
        return tuple(sorted({*found, *(self._inside[part] for part in inside)}))
