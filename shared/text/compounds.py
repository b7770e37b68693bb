"""Pure. German compounds into their parts: Kompetenzzentren -> Kompetenz, Zentren.

A word is split only when parts of `compounds.txt` make the whole of it, with linking letters between them and an
inflection at its end. Guessing by letters would find Saar in Saarland and Kette in Etikette; a list does not.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from shared.text.fold import fold_word
from shared.text.irregular import regular, umlauts

_LINKS: Final = ("s", "n", "en", "es", "er", "e")
_ALWAYS_S: Final = ("ung", "heit", "keit", "schaft", "ion", "taet", "ling")  # Forschung-s-, never Forschung-
PERSONS: Final = ("er", "ar", "or", "ent", "ant", "ist", "at")  # Sekretär-in, Präsident-in
_SHORTEST: Final = 6  # letters of a compound: Erdgas
_LONGEST: Final = 60
_SHORT: Final = 4  # letters of a word that keeps its e: Fernsehsender have nothing to do with Ehe

Stem = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a compound: the folded word, and where it stands in the compound, its linking letters included."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """What begins a compound, with linking letters -> the word; stem -> words that end one."""

    heads: Mapping[str, str]
    tails: Mapping[str, Sequence[str]]

    def ends(self, piece: str, stem: Stem) -> bool:
        """True for a form of a word that ends compounds: Renten, but not the Rent of Konkurrent."""
        whole = regular(piece, "de") or piece
        return any(whole.startswith(word) for word in self.tails.get(stem(piece), ()))


def split(word: str, stem: Stem) -> tuple[Part, ...]:
    """The parts of a folded German word in order, or nothing. `stem` stems a folded word."""
    if not _SHORTEST <= len(word) <= _LONGEST:
        return ()
    lexicon = _lexicon(stem)
    if lexicon.ends(word, stem):
        return ()
    best: dict[int, tuple[Part, ...]] = {}  # by where it starts, to the end of the word
    for start in sorted(_starts(word, lexicon.heads), reverse=True):
        best[start] = _best_from(start, word, best, stem, lexicon)
    return best[0]


def _starts(word: str, heads: Mapping[str, str]) -> Iterable[int]:
    """Where a part may start: at the beginning, and behind heads. In most words these are few places."""
    reached = [False] * len(word)
    reached[0] = True
    for start in range(len(word)):
        if reached[start]:
            for end in range(start + 2, len(word) - 1):
                reached[end] |= word[start:end] in heads
    return (start for start, is_reached in enumerate(reached) if is_reached)


def _best_from(
    start: int, word: str, best: Mapping[int, tuple[Part, ...]], stem: Stem, lexicon: _Lexicon
) -> tuple[Part, ...]:
    """Few parts are better than many, and a long last one is better than a short one."""
    found: list[tuple[Part, ...]] = []
    if start and lexicon.ends(word[start:], stem):
        found.append((Part(word[start:], start, len(word)),))
    for end in (end for end, further in best.items() if end >= start + 2 and further):
        if head := lexicon.heads.get(word[start:end]):
            found.append((Part(head, start, end), *best[end]))
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
    return _Lexicon({**short, **linked, **plurals, **plain}, tails)


def _of_women(word: str) -> tuple[str, ...]:
    return (f"{word}in", f"{word}innen") if word.endswith(PERSONS) else ()


def _links(word: str) -> tuple[str, ...]:
    return ("s",) if word.endswith(_ALWAYS_S) else _LINKS
