"""Pure. Who wrote something: a person with a family name, or a body. Feeds say it in one line."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_PARTICLES: Final = frozenset("von van der den de du des la le zu zum zur vom di da ter ten af av".split())
_TITLES: Final = re.compile(r"^(?:(?:Prof|Dr|Dipl|Ing|PD|Mme|M|Mr|Ms|Mrs|Herr|Frau)\.?(?:-\w+\.?)?\s+)+")
_BODY: Final = re.compile(
    r"\b(?:\w*(?:institut|minist|presse|press|redaktion|rédaction|newsroom|team|kommunikation|communi[cq]|zentrum"
    r"|universit|hochschule|école|gmbh|stiftung|fondation|agentur|agence|agency|verband|bundes|gesellschaft|media"
    r"|office|service|commission|kommission|fraunhofer|inria|cnrs|dfki)\w*)\b|[\d@/|&+]|\b(?:AG|SE|KI|AI|IA|EU)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Person:
    """`given` may be empty; `family` has its particles: `de La Fontaine`."""

    family: str
    given: str


@lru_cache(maxsize=10_000)  # the same people write again and again
def person(name: str) -> Person | None:
    """The person of this name; None for what may be a body: nobody is sorted under a wrong letter by a guess."""
    plain = _TITLES.sub("", " ".join(name.split()))
    if _BODY.search(plain):
        return None
    if plain.count(",") == 1:
        family, given = (part.strip() for part in plain.split(","))
        return Person(family, given) if _are_names(family.split()) and _are_names(given.split()) else None
    words = plain.split(" ")
    if not 2 <= len(words) <= 5 or not _are_names(words) or _is_particle(words[-1]):
        return None
    first = next((at for at, word in enumerate(words) if at and _is_particle(word)), len(words) - 1)
    return Person(" ".join(words[first:]), " ".join(words[:first]))


def _are_names(words: list[str]) -> bool:
    return bool(words) and all(_is_particle(word) or (word[:1].isupper() and not _shouts(word)) for word in words)


def _is_particle(word: str) -> bool:
    return word in _PARTICLES


def _shouts(word: str) -> bool:
    """CNRS is no family name, J.-P. is a given one."""
    return len(word) > 2 and word.isalpha() and word.isupper()
