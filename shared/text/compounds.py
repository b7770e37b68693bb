"""Pure. German compounds into their parts: Kompetenzzentren -> Kompetenz, Zentren.

A word is split only when parts of `compounds.txt` make the whole of it, with linking letters between them and an
inflection at its end. Guessing by letters would find Saar in Saarland and Kette in Etikette; a list does not.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Final, NamedTuple

from shared.text.fold import fold_word
from shared.text.irregular import regular, umlauts

_LINKS: Final = ("s", "n", "en", "es", "er", "e")
_ALWAYS_S: Final = ("ung", "heit", "keit", "schaft", "ion", "taet", "ling")  # Forschung-s-, never Forschung-
PERSONS: Final = ("er", "ar", "or", "ent", "ant", "ist", "at")  # Sekretär-in, Präsident-in
_SHORTEST: Final = 6  # letters of a compound: Erdgas
_LONGEST: Final = 60
_BEGINNING: Final = 3  # letters; no word of the list has fewer
_SHORT: Final = 4  # letters of a word that keeps its e: Fernsehsender have nothing to do with Ehe

Stem = Callable[[str], str]


class Part(NamedTuple):
    """A part of a compound: the folded word, and where it stands in the compound, its linking letters included."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """What begins a compound, with linking letters -> the word; stem -> words that end one."""

    heads: Mapping[str, str]
    tails: Mapping[str, Sequence[str]]
    longest: Mapping[str, int]  # by how a head begins: its letters, at most
    tail_words: Mapping[str, tuple[str, ...]]  # by how they begin: the words of `tails`

    def ends(self, piece: str, stem: Stem) -> bool:
        """True for a form of a word that ends compounds: Renten, but not the Rent of Konkurrent."""
        whole = regular(piece, "de") or piece
        if not whole.startswith(self.tail_words.get(whole[:_BEGINNING], ())):  # as of most: to stem takes longer
            return False
        return any(whole.startswith(word) for word in self.tails.get(stem(piece), ()))


def split(word: str, stem: Stem) -> tuple[Part, ...]:
    """The parts of a folded German word in order, or nothing. `stem` stems a folded word."""
    if not _SHORTEST <= len(word) <= _LONGEST:
        return ()
    lexicon = _lexicon(stem)
    heads = _heads(word, lexicon)
    if not heads[0] or lexicon.ends(word, stem):
        return ()
    best: dict[int, tuple[Part, ...]] = {}  # by where it starts, to the end of the word
    for start in sorted(heads, reverse=True):
        best[start] = _best_from(start, word, heads[start], best, start > 0 and lexicon.ends(word[start:], stem))
    return best[0]


def _heads(word: str, lexicon: _Lexicon) -> Mapping[int, Sequence[tuple[int, str]]]:
    """Where a part may start, at the beginning and behind heads -> where the heads there end, and their words."""
    heads, last = lexicon.heads, len(word) - 1
    found: dict[int, list[tuple[int, str]]] = {}
    wanted = [0]
    for start in wanted:
        found[start] = there = []
        longest = lexicon.longest.get(word[start : start + _BEGINNING], 0)
        for end in range(start + _BEGINNING, min(last, start + longest + 1)):
            if head := heads.get(word[start:end]):
                there.append((end, head))
                if end not in wanted:
                    wanted.append(end)
    return found


def _best_from(
    start: int, word: str, heads: Sequence[tuple[int, str]], best: Mapping[int, tuple[Part, ...]], is_end: bool
) -> tuple[Part, ...]:
    """Few parts are better than many, and a long last one is better than a short one."""
    found: list[tuple[Part, ...]] = [(Part(word[start:], start, len(word)),)] if is_end else []
    found += [(Part(head, start, end), *best[end]) for end, head in reversed(heads) if best[end]]
    return min(found, key=lambda parts: (len(parts), parts[-1].start), default=())


@cache
def _lexicon(stem: Stem) -> _Lexicon:
    words = [
        word
        for line in (files("shared.text") / "compounds.txt").read_text("utf-8").splitlines()
        if not line.startswith("#")
        for word in line.split()
    ]
    ends = [fold_word(word.strip("-")) for word in words if not word.endswith("-")]
    tails: dict[str, list[str]] = defaultdict(list)
    for word in ends:
        for form in (word, *_of_women(word)):
            tails[stem(form)].append(regular(form, "de") or form)
    plain = {fold_word(word.strip("-")): fold_word(word) for word in words if not word.startswith("-")}
    linked = {f"{word}{link}": word for word in plain for link in _links(word)}
    # Sprachmodell: an e may fall away
    short = {word.removesuffix("e"): word for word in plain if word.endswith("e") and len(word) > _SHORT}
    plurals = {plural: word for word in plain for plural in umlauts().get(word, ())}  # Häusermarkt
    heads = {**short, **linked, **plurals, **plain}
    beginnings: dict[str, dict[str, None]] = defaultdict(dict)
    for word in chain.from_iterable(tails.values()):
        beginnings[word[:_BEGINNING]][word] = None
    longest: dict[str, int] = defaultdict(int)
    for head in heads:
        longest[head[:_BEGINNING]] = max(longest[head[:_BEGINNING]], len(head))
    return _Lexicon(heads, tails, dict(longest), {first: tuple(words) for first, words in beginnings.items()})


def _of_women(word: str) -> tuple[str, ...]:
    return (f"{word}in", f"{word}innen") if word.endswith(PERSONS) else ()


def _links(word: str) -> tuple[str, ...]:
    return ("s",) if word.endswith(_ALWAYS_S) else _LINKS
