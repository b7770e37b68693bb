"""Pure. The one analyser: what the index keeps of a text, and what a query word looks for.

A term is [a-z0-9]+: a letter for the language whose stemmer made it (d, f, e, or o for none) and the stem. An item
is analysed in its language; a query word has forms in all of them, so a query needs no language, and a French stem
never meets an English one by accident.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, combinations, islice
from operator import attrgetter
from typing import Final, NamedTuple

import Stemmer

from shared.items import OTHER
from shared.text.compounds import PERSONS, split
from shared.text.fold import Token, accented_word, chunk_tokens, chunks, fold, fold_word, term, tokens
from shared.text.irregular import regular

VERSION: Final = 4  # of what is made of a text: another one means that the archive is indexed again
_TAGS: Final = {"de": "d", "fr": "f", "en": "e", OTHER: "o"}
_SNOWBALL: Final = {"de": "german", "fr": "french", "en": "english"}
_VOWELS: Final = {"ae": "ä", "oe": "ö", "ue": "ü"}
_LETTERS: Final = str.maketrans({vowel: written for written, vowel in _VOWELS.items()})
_WRITTEN_OUT: Final = re.compile("ae|oe|(?<![aeioquy])ue")  # as the stemmer takes them for umlauts
GAP: Final = "0"  # between the words in order and the rest: no term, so no phrase reaches across
# Small words that are written like a name in capitals: `il y a eu` is not about the EU, nor `it is` about IT. In
# small letters they are no terms of their language; a phrase in quotes still finds them.
_SHADOWS: Final = {"fr": frozenset(("eu", "ai")), "en": frozenset(("it", "us", "who"))}
_NOTHING: Final[Mapping[str, None]] = {}
_REMEMBERED: Final = 49_152  # words of a language, 20 MB when full: what is not there takes fifty times as long
# What may come behind a word that counts for nothing, and count for nothing then itself: more than does is found.
_ELIDED_AI: Final = re.compile(r"['’ʼ`´][\W_]*(?:[sSſ]|ai)?[\W_]+ai")
_GROUPED: Final = re.compile(r"[0-9]{1,3}(?:[.,'’\u00a0\u202f][0-9]{3})+")
_LONG_NUMBER: Final = re.compile("[1-9][0-9]{4,11}")  # a year is none
_DIGITS: Final = re.compile("[0-9]+")
_LONGEST_TIE: Final = 4  # words written together that also count as one: DFKI/Inria, not a path of an address


@dataclass(frozen=True, slots=True)
class Analysed:
    """What the index keeps of a text.

    `exact` are the folded words in order, for phrases and prefixes. `terms` are the stems in order, then (behind a
    gap) further stems, parts of compounds and joined forms, for words.
    """

    exact: tuple[str, ...]
    terms: tuple[str, ...]


def analyse(text: str, language: str) -> Analysed:
    """`text` as the index keeps it, read as `language` (de, fr, en; anything else is folded only)."""
    written = chunks(text)
    known = _KNOWN[language if language in _SNOWBALL else OTHER]
    found = list(map(known.__getitem__, written))
    if _ELIDED_AI.search(text):
        _take_out_elided(found, written, known.language)
    exact = tuple(chain.from_iterable(map(_EXACT, found)))
    terms = chain.from_iterable(map(_TERMS, found))
    more = dict.fromkeys(chain.from_iterable(filter(None, map(_MORE, found))))
    return Analysed(exact, (*terms, GAP, *more) if more else tuple(terms))


class _Kept(NamedTuple):
    """What the index keeps of words that are written together. `is_elided`: the last one is no word of its own."""

    exact: tuple[str, ...]
    terms: tuple[str, ...]
    more: tuple[str, ...]
    is_elided: bool


_EXACT, _TERMS, _MORE = (attrgetter(name) for name in ("exact", "terms", "more"))


class _Known(dict[str, _Kept]):
    """What is kept of what was read lately in a language; the first half of it goes when it is full."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language

    def __missing__(self, chunk: str) -> _Kept:
        if len(self) >= _REMEMBERED:
            for old in list(islice(self, _REMEMBERED // 2)):
                self.pop(old, None)  # another thread may have been here
        kept = self[chunk] = _kept(chunk, self.language)
        return kept


_KNOWN: Final = {language: _Known(language) for language in _TAGS}


def _take_out_elided(found: list[_Kept], written: Sequence[str], language: str) -> None:
    """An `ai` behind an elided word that stands apart is none either."""
    elided = False
    for at, chunk in enumerate(written):
        if elided and "ai" in chunk:
            found[at] = _kept(chunk, language, behind_elided=True)
        if found[at].exact:
            elided = found[at].is_elided


def _kept(chunk: str, language: str, *, behind_elided: bool = False) -> _Kept:
    group = chunk_tokens(chunk, behind_elided=behind_elided)
    terms: list[str] = []
    more: list[str] = []
    for token in group:
        if not token.elided and not _is_shadow(token.surface, language):
            main, others = _index_terms(token.surface, token.folded, language)
            terms.append(main)
            more += others
    if len(group) > 1 and (joined := _joined(group)):
        main, others = index_terms(joined, language)
        more += (main, *others)
    words = tuple(token.folded for token in group)
    return _Kept(words, tuple(terms), tuple(dict.fromkeys(more)) if more else (), bool(group) and group[-1].elided)


@lru_cache(maxsize=65_536)  # the words of subscriptions are asked for again and again
def query_forms(word: str) -> frozenset[str]:
    """The terms any of which makes the query word `word` match. Empty for a word without letters or digits."""
    whole = "".join(_words(word))
    if not whole:
        return frozenset()
    groups = _thousands(word)
    ways = {whole, "".join(groups), ".".join(groups)} if groups else {whole}
    return frozenset(form for way in ways for language in _TAGS for form in stems(way, language))


@lru_cache(maxsize=65_536)
def query_phrases(word: str) -> frozenset[tuple[str, ...]]:
    """Rows of terms any of which, side by side in order, makes `word` match as well: its parts written apart."""
    words = _thousands(word) or _words(word)
    if len(words) > 1:
        return frozenset(row for language in _TAGS if len(row := _row(words, language)) > 1)
    parts = split(fold_word(words[0]), _german) if words else ()
    return frozenset((tuple(stems(part.word, "de")[0] for part in parts),)) if parts else frozenset()


def _thousands(word: str) -> list[str]:
    """A number of several groups of three, in whichever way it is written: 100.000, 100'000, 100000."""
    if _GROUPED.fullmatch(word):
        return _DIGITS.findall(word)
    if not _LONG_NUMBER.fullmatch(word):
        return []
    first = len(word) % 3
    return [*([word[:first]] if first else []), *(word[at : at + 3] for at in range(first, len(word), 3))]


def exact_words(text: str) -> tuple[str, ...]:
    """The folded words of `text`: what a phrase in quotes looks for."""
    return tuple(token.folded for token in tokens(text))


@lru_cache(maxsize=8_192)
def index_terms(surface: str, language: str) -> tuple[str, Mapping[str, None]]:
    """The term of a word in its place, and its further terms in order."""
    return _index_terms(surface, fold_word(surface), language)


def _index_terms(surface: str, plain: str, language: str) -> tuple[str, Mapping[str, None]]:
    if language == "de":
        others = (*_parts(plain), *_of_men(plain))
        return f"d{_german(plain)}", dict.fromkeys(others) if others else _NOTHING
    main, *more = _stems(surface, plain, language)
    return main, dict.fromkeys(more) if more else _NOTHING


@lru_cache(maxsize=2_048)
def stems(surface: str, language: str) -> tuple[str, ...]:
    """The tagged stems of a word in `language`. The first one is the same with and without accents."""
    return _stems(surface, fold_word(surface), language)


def _stems(surface: str, plain: str, language: str) -> tuple[str, ...]:
    if language == OTHER:
        return (f"o{plain}",)
    if language == "de":
        return (f"d{_german(plain)}",)
    found = f"{_TAGS[language]}{_stem(plain, language)}"
    if surface.isascii() or regular(plain, language) is not None:
        return (found,)
    accented = _stemmer(language).stemWord(accented_word(surface))  # déclarée is a form of déclarer, by its accent
    other = f"{_TAGS[language]}{term(fold(accented))}"
    return (found,) if other == found else (found, other)


def _row(words: list[str], language: str) -> tuple[str, ...]:
    return tuple(stems(word, language)[0] for word in words if not _is_shadow(word, language))


def _is_shadow(surface: str, language: str) -> bool:
    return surface.casefold() in _SHADOWS.get(language, ()) and not surface.isupper()


def _parts(word: str) -> Iterator[str]:
    """The parts of a German compound, and every row of them that is a compound itself: Daten, Raum, Datenraum."""
    parts = split(word, _german)
    if not parts:
        return
    for part in parts:
        yield f"d{_german(part.word)}"
    yield from _of_men(parts[-1].word)
    for first, last in combinations(parts, 2):
        if (first, last) != (parts[0], parts[-1]):
            yield f"d{_german(word[first.start : last.start] + last.word)}"


def _of_men(word: str) -> Iterator[str]:
    """Ministerinnen are found by Ministerin and by Minister."""
    person = word.removesuffix("nen").removesuffix("in")
    if person != word and person.endswith(PERSONS):
        yield from (f"d{_german(person)}", f"d{_german(person + 'in')}")


@lru_cache(maxsize=8_192)  # the parts of compounds come again and again
def _german(word: str) -> str:
    """The stemmer counts ae as one vowel and ends in taking its dots; the word keeps its own letters."""
    whole = regular(word, "de") or word
    vowels = _WRITTEN_OUT.sub(lambda found: _VOWELS[found[0]], whole) if _may_have_umlauts(whole) else whole
    stemmed: str = _stemmer("de").stemWord(vowels)
    found = vowels[: len(stemmed)]
    return found if found.isascii() else found.translate(_LETTERS)


def _may_have_umlauts(word: str) -> bool:
    return "ue" in word or "ae" in word or "oe" in word


def _stem(word: str, language: str) -> str:
    stemmed: str = _stemmer(language).stemWord(regular(word, language) or word)
    return stemmed


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    # One call is one step under the interpreter's lock, so threads may share it. A store of its own would be put
    # in order again and again, which takes longer than to stem what `_Known` does not have.
    return Stemmer.Stemmer(_SNOWBALL[language], 0)


def _words(word: str) -> list[str]:
    found = [token for token in tokens(word) if token.folded]
    return [token.surface for token in found if not token.elided] or [token.surface for token in found]


def _groups(found: Iterable[Token]) -> Iterator[list[Token]]:
    group: list[Token] = []
    for token in found:
        if group and token.group != group[0].group:
            yield group
            group = []
        group.append(token)
    if group:
        yield group


def _joined(group: list[Token]) -> str:
    parts = [token.surface for token in group if not token.elided]
    return "".join(parts) if 2 <= len(parts) <= _LONGEST_TIE else ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A word where it stands in a text. `stem` is its term in the row of terms, `terms` all that it is found by.

    What several words written together are found by is a word of its own, without `folded` and `stem`.
    """

    start: int
    end: int
    folded: str
    stem: str
    terms: frozenset[str]


def placed(text: str, language: str) -> tuple[Placed, ...]:
    """The words of `text` in order, read as `analyse` reads them."""
    language = language if language in _SNOWBALL else OTHER
    found: list[Placed] = []
    for group in _groups(tokens(text)):
        for token in group:
            passed = token.elided or _is_shadow(token.surface, language)
            main, others = ("", {}) if passed else index_terms(token.surface, language)
            terms = frozenset((main, *others)) if main else frozenset()
            found.append(Placed(token.start, token.end, token.folded, main, terms))
        if joined := _joined(group):
            main, others = index_terms(joined, language)
            found.append(Placed(group[0].start, group[-1].end, "", "", frozenset((main, *others))))
    return tuple(found)
