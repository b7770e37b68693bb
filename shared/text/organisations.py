"""The shipped gazetteer and its reader: which bodies of research, government and industry a text names.

Reads `organisations.toml`.

An entry has a canonical name, a country and its other names. `names` hold in any case; `exact` as written, because
their letters are also words (ENACT, KIT); `unsure` are written so too and hold only where the text has one of the
`context` words or names the body otherwise, because others share them (DIZ, BMG). `Bundesministerium(s)` stands
for the word with and without its ending.
"""

import hashlib
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

from shared.errors import ConfigError
from shared.text.fold import Token, fold_word, tokens

_FIELDS: Final = frozenset(("name", "country", "names", "exact", "unsure", "context"))


@dataclass(frozen=True, slots=True)
class Organisation:
    """A body that texts name. `id` never changes; `country` is ISO 3166 alpha-2, EU or INT."""

    id: str
    name: str
    country: str


@dataclass(frozen=True, slots=True)
class Mention:
    """An organisation, and where the text names it."""

    organisation: Organisation
    start: int
    end: int


class _Certainty(IntEnum):
    SURE = 0
    AS_WRITTEN = 1
    NEEDS_CONTEXT = 2


@dataclass(frozen=True, slots=True)
class _Alias:
    organisation: Organisation
    surfaces: tuple[str, ...]
    certainty: _Certainty
    context: frozenset[str]


class Gazetteer:
    """Finds organisations by name. Immutable. `version` changes with the entries."""

    def __init__(self, entries: Mapping[str, Mapping[str, Any]], version: str = "") -> None:
        self.version = version
        self.organisations = {id_: _organisation(id_, entry) for id_, entry in entries.items()}
        self._by_first: dict[str, list[tuple[tuple[str, ...], _Alias]]] = defaultdict(list)
        for id_, entry in entries.items():
            for alias in _aliases(self.organisations[id_], entry):
                folded = tuple(fold_word(word) for word in alias.surfaces)
                self._by_first[folded[0]].append((folded, alias))
        for candidates in self._by_first.values():
            candidates.sort(key=lambda c: -len(c[0]))  # the longest name wins

    def names(self, *texts: str) -> tuple[str, ...]:
        """Canonical names in order of first mention, each once."""
        return self.names_in([tokens(text) for text in texts])

    def names_in(self, fields: Sequence[Sequence[Token]]) -> tuple[str, ...]:
        """The same for texts that are cut into words already."""
        found = [self._candidates(words) for words in fields]
        sure = {a.organisation.id for some in found for a, _ in some if a.certainty < _Certainty.NEEDS_CONTEXT}
        words = {word.folded for field in fields for word in field} if any(found) else set()
        kept = (a for some in found for a, _ in some if _holds(a, sure, words))
        return tuple(dict.fromkeys(alias.organisation.name for alias in kept))

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Every place where `text` names an organisation, in order."""
        words = tokens(text)
        found = self._candidates(words)
        sure = {alias.organisation.id for alias, _ in found if alias.certainty < _Certainty.NEEDS_CONTEXT}
        context = {word.folded for word in words}
        return tuple(
            Mention(alias.organisation, words[first].start, words[first + len(alias.surfaces) - 1].end)
            for alias, first in found
            if _holds(alias, sure, context)
        )

    def _candidates(self, words: Sequence[Token]) -> list[tuple[_Alias, int]]:
        found: list[tuple[_Alias, int]] = []
        position = 0
        while position < len(words):
            alias = self._at(words, position)
            if alias:
                found.append((alias, position))
            position += len(alias.surfaces) if alias else 1
        return found

    def _at(self, words: Sequence[Token], position: int) -> _Alias | None:
        for folded, alias in self._by_first.get(words[position].folded, ()):
            here = words[position : position + len(folded)]
            if tuple(word.folded for word in here) != folded:
                continue
            if alias.certainty is _Certainty.SURE or tuple(word.surface for word in here) == alias.surfaces:
                return alias
        return None


@cache
def load_gazetteer() -> Gazetteer:
    """The shipped gazetteer. Raises ConfigError on a malformed entry."""
    source = (files("shared.text") / "organisations.toml").read_text("utf-8")
    return Gazetteer(tomllib.loads(source), hashlib.sha256(source.encode()).hexdigest()[:8])


def _holds(alias: _Alias, sure: set[str], words: set[str]) -> bool:
    if alias.certainty < _Certainty.NEEDS_CONTEXT:
        return True
    return alias.organisation.id in sure or not alias.context.isdisjoint(words)


def _organisation(id_: str, entry: Mapping[str, Any]) -> Organisation:
    if unknown := sorted(set(entry) - _FIELDS):
        raise ConfigError(
            f"organisations.toml: {id_}: unknown key {unknown[0]!r}; known: {', '.join(sorted(_FIELDS))}"
        )
    return Organisation(id_, entry["name"], entry["country"])


def _aliases(organisation: Organisation, entry: Mapping[str, Any]) -> Iterator[_Alias]:
    context = frozenset(fold_word(word) for word in entry.get("context", ()))
    for key, certainty in zip(("names", "exact", "unsure"), _Certainty, strict=True):
        for written in _with_endings(entry.get(key, ())):
            yield _Alias(organisation, tuple(token.surface for token in tokens(written)), certainty, context)


def _with_endings(written: Iterable[str]) -> Iterator[str]:
    for name in written:
        if "(s)" in name:
            yield name.replace("(s)", "s")
        yield name.replace("(s)", "")
