"""Pure. Folding and tokens: what spellings have in common, and where words begin and end.

`fold` makes Förderung and Foerderung equal, and never Forderung: in German ö is oe, ä ae, ü ue, and no o, a, u.
Likewise œuvre and oeuvre, Straße and Strasse, énergie and energie. The rule knows no language, for a query has
none. `loosely` also drops what the dots tell apart. `tokens` cuts a text into words; what hyphens, slashes and
apostrophes tie together shares a `group`.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

# Letters that decomposition leaves whole, and what hides inside words (soft hyphens, zero-width marks).
_LETTERS: Final = {
    "ß": "ss", "œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "þ": "th", "ħ": "h"
} | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", "")  # fmt: skip
_LETTER: Final = re.compile(f"[{''.join(_LETTERS)}]")
# The marks that decomposed letters of Europe have, and where others may stand: looking up every letter is slow.
_MARKS: Final = re.compile(r"[\u0300-\u034e\u0350-\u036f]+")
_OTHER_MARK: Final = re.compile(r"[\u0483-\u1fff\u20d0-\u20ff\u2c00-\U0010ffff]")
_ACCENTED: Final = re.compile(r"[^\x00-\x7f]+")
_UMLAUTS: Final = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"))
_NO_UMLAUT: Final = re.compile(
    r"ü(?:(?<=gü)(?=[ei])|(?<=aü)(?=[sml]\b))"
)  # aigüe, Emmaüs: a vowel that is said apart
_UMLAUT_WRITTEN_OUT: Final = (
    (re.compile(r"ae(?<![aeiou]ae)(?!e)"), "a"),
    (re.compile(r"oe(?<![aeiou]oe)(?![eiu])"), "o"),  # cœur is not cour, œil is not oil
    (re.compile(r"ue(?<![aeiouq]ue)(?!e)"), "u"),  # neue, Dauer, quer are no umlauts
)
_WORD: Final = r"(?:[^\W_]+|[\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff])+"
_TIE: Final = r"[-\u2010-\u2014\u2212/\\.,'’ʼ`´&+_:·*@]"
_CHUNK: Final = re.compile(rf"{_WORD}(?:{_TIE}{_WORD})*(?:\+\+|\#)?")
_PART: Final = re.compile(
    r"\d+(?:[.,]\d+)+(?![^\W\d_])"  # 4.0
    r"|[^\W\d_]+(?=\d+[.,]\d)"  # Industrie4.0
    rf"|{_WORD}(?:(?:\+\+|\#)$)?"  # C++, C#
)
_APOSTROPHES: Final = "'’ʼ`´"
_LONGEST: Final = 80  # characters of a word that count: what is longer is encoded data, not language
_ELIDED: Final = frozenset("l d j m t s c n qu jusqu lorsqu puisqu quoiqu".split())
_SIGNS: Final = (("++", "plusplus"), ("#", "sharp"))
_NOT_PLAIN: Final = re.compile(r"[^a-z0-9]")


def fold(text: str) -> str:
    """`text` so that spellings of the same word are equal. Idempotent; white space and signs stay."""
    text = accented_word(text)
    if text.isascii():
        return text
    text = _NO_UMLAUT.sub("u", text)
    for umlaut, written_out in _UMLAUTS:
        text = text.replace(umlaut, written_out)
    return _without_accents(text)


def loosely(text: str) -> str:
    """`text` as those write it who have no ö either: Förderung, Foerderung and Forderung are equal.

    For names and for fingerprints that are kept, which are about more than one word. It must never change: what it
    made stands in the store.
    """
    text = accented_word(text)
    text = text if text.isascii() else _without_accents(text)
    if "e" in text:
        for written_out, plain in _UMLAUT_WRITTEN_OUT:
            text = written_out.sub(plain, text)
    return text


def name_key(name: str) -> str:
    """What the name of a body is compared by: its spelling loosely, its white space evened out."""
    return " ".join(loosely(name).split())


def term(text: str) -> str:
    """A word as the index keeps it: [a-z0-9]+ only. Other scripts are written as their code points."""
    if text.isascii():
        return _NOT_PLAIN.sub("", text)
    return "".join(c if c.isascii() and c.isalnum() else f"z{ord(c):05x}" for c in text if c.isalnum())


class Token(NamedTuple):
    """A word of a text: as written, where it stands, folded to a term, and what it hangs together with.

    Tokens of the same `group` are written without space between them: KI-Kompetenzzentren, DFKI/Inria, l'énergie.
    `elided` marks an article or an ending that an apostrophe cuts off (l', d', qu', 's): no word of its own.
    """

    surface: str
    start: int
    end: int
    folded: str
    group: int
    elided: bool = False


def tokens(text: str) -> list[Token]:
    """The words of `text` in order. Numbers keep their decimals, C++ its signs; a tie between words cuts them."""
    found: list[Token] = []
    for group, chunk in enumerate(_CHUNK.finditer(text)):
        found += chunk_tokens(chunk[0], chunk.start(), group, behind_elided=bool(found) and found[-1].elided)
    return found


def chunks(text: str) -> list[str]:
    """What is written without white space, in order; `chunk_tokens` are the words of each."""
    return _CHUNK.findall(text)


def chunk_tokens(chunk: str, at: int = 0, group: int = 0, *, behind_elided: bool = False) -> list[Token]:
    """The words of one of `chunks`, which begins `at` this place of the text, and maybe behind an elided word."""
    if chunk.isalpha():  # as most are: one word, without what the cutting is for
        surface = chunk[:_LONGEST]
        folded = fold_word(surface)
        elided = behind_elided and surface == "ai"
        return [Token(surface, at, at + len(chunk), folded, group, elided)] if folded else []
    found: list[Token] = []
    parts = list(_PART.finditer(chunk))
    for part in parts:
        surface = part[0][:_LONGEST]
        if folded := fold_word(surface):
            start, end = part.span()
            elided = len(parts) > 1 and _is_elided(chunk, start, end)
            elided |= surface == "ai" and (found[-1].elided if found else behind_elided)  # j'ai is not about AI
            found.append(Token(surface, at + start, at + end, folded, group, elided))
    return found


@lru_cache(maxsize=8_192)
def fold_word(surface: str) -> str:
    """The term of a word as written, without stemming: 4.0 -> 4p0, C++ -> cplusplus, Künstliche -> kuenstliche."""
    if surface.isascii() and surface.isalpha():
        return surface.lower()
    return term(fold(_spelt_out(surface)))


@lru_cache(maxsize=8_192)
def loose_word(surface: str) -> str:
    """Like `fold_word`, but loosely: Künstliche -> kunstliche."""
    return term(loosely(_spelt_out(surface)))


def _spelt_out(surface: str) -> str:
    if surface[0].isdigit() and ("." in surface or "," in surface):
        return surface.replace(",", ".").replace(".", "p")
    for sign, name in _SIGNS:
        if surface.endswith(sign):
            return surface.removesuffix(sign) + name
    return surface


def _without_accents(text: str) -> str:
    if _OTHER_MARK.search(text):
        return _bare(text)
    return _ACCENTED.sub(lambda found: _bare_letters(found[0]), text)  # the few letters of Europe, mostly


def _bare(text: str) -> str:
    bare = _MARKS.sub("", unicodedata.normalize("NFD", text))
    if _OTHER_MARK.search(bare):
        bare = "".join(c for c in bare if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare)


@lru_cache(maxsize=8_192)
def _bare_letters(letters: str) -> str:
    return _bare(letters)


def accented_word(surface: str) -> str:
    """A word as stemmers want it: lower case, accents kept, ligatures resolved."""
    text = unicodedata.normalize("NFKC", surface).casefold()
    return text if text.isascii() else _LETTER.sub(lambda found: _LETTERS[found[0]], text)


def _is_elided(chunk: str, start: int, end: int) -> bool:
    word = chunk[start:end].casefold()
    if end < len(chunk) and chunk[end] in _APOSTROPHES:
        return word in _ELIDED
    return word == "s" and end == len(chunk) and chunk[start - 1] in _APOSTROPHES
