"""Pure. The one analyser: what the index keeps of a text, and what a query word looks for.

A term is [a-z0-9]+: a letter for the language whose stemmer made it (d, f, e, or o for none) and the stem. An item
is analysed in its language; a query word has forms in all of them, so a query needs no language, and a French stem
never meets an English one by accident.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

import Stemmer

from shared.items import OTHER
from shared.text.fold import Token, fold_word, plain_word, tokens
from shared.text.irregular import regular

_TAGS: Final = {"de": "d", "fr": "f", "en": "e", OTHER: "o"}
_SNOWBALL: Final = {"de": "german", "fr": "french", "en": "english"}
_GAP: Final = "0"  # between the words in order and the rest: no term, so no phrase reaches across
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
    language = language if language in _SNOWBALL else OTHER
    exact: list[str] = []
    terms: list[str] = []
    more: dict[str, None] = {}
    for group in _groups(tokens(text)):
        for token in group:
            exact.append(token.folded)
            if not token.elided:
                main, others = index_terms(token.surface, language)
                terms.append(main)
                more.update(dict.fromkeys(others))
        if joined := _joined(group):
            main, others = index_terms(joined, language)
            more.update(dict.fromkeys((main, *others)))
    return Analysed(tuple(exact), (*terms, _GAP, *more) if more else tuple(terms))


def query_forms(word: str) -> frozenset[str]:
    """The terms any of which makes the query word `word` match. Empty for a word without letters or digits."""
    words = _words(word)
    if not words:
        return frozenset()
    whole = words[0] if len(words) == 1 else "".join(words)
    return frozenset(form for language in _TAGS for form in stems(whole, language))


def query_phrases(word: str) -> frozenset[tuple[str, ...]]:
    """Rows of terms any of which, side by side in order, makes `word` match as well: its parts written apart."""
    words = _words(word)
    if len(words) < 2:
        return frozenset()
    return frozenset(tuple(stems(part, language)[0] for part in words) for language in _TAGS)


def exact_words(text: str) -> tuple[str, ...]:
    """The folded words of `text`: what a phrase in quotes looks for."""
    return tuple(token.folded for token in tokens(text))


@lru_cache(maxsize=32_768)
def index_terms(surface: str, language: str) -> tuple[str, tuple[str, ...]]:
    """The term of a word in its place, and its further terms."""
    main, *others = stems(surface, language)
    return main, tuple(others)


@lru_cache(maxsize=16_384)
def stems(surface: str, language: str) -> tuple[str, ...]:
    """The tagged stems of a word in `language`; the first one is the same with and without accents."""
    plain = plain_word(surface)
    if language == OTHER:
        return (f"o{plain}",)
    if language == "de":
        return (f"d{_stem(fold_word(surface), 'de')}",)
    return (f"{_TAGS[language]}{_stem(plain, language)}",)


def _stem(word: str, language: str) -> str:
    stemmed: str = _stemmer(language).stemWord(regular(word, language))
    return stemmed


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    # One call is one step under the interpreter's lock; the stemmer's own store of words may be shared.
    return Stemmer.Stemmer(_SNOWBALL[language])


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
