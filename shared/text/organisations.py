"""The shipped gazetteer and its reader: which bodies of research, government and industry a text names.

Reads `organisations.toml`.

An entry has a canonical name, a country and its other names. `names` hold in any case; `exact` as written, because
their letters are also words (ENACT); `unsure` are written so too and hold only where the text has one of the
`context` words or names the body otherwise, because others share them (DIZ, BMG). Without `context`, words that
tell the country serve. Where several bodies share an unsure name, the first in the file that fits is meant
(Bundesrat). Words in `unless` speak against `exact` and `unsure` (Leonardo da Vinci is no builder of motorways);
what stands in `not` has the name in it and names somebody or something else (Bundesrat Cassis, MIT-Lizenz).

`Bundesamt(s|es)` stands for the word without and with each ending, `{University of|Universität} Ulm` for one of
each. An institute has an entry of its own or counts for its society: Fraunhofer IAIS is called so, the Fraunhofer
institutes without an entry are Fraunhofer. The title of who leads a body does not name it (Bundeskanzler Merz).
"""

import hashlib
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

from shared.errors import ConfigError
from shared.text.fold import Token, loose_word, tokens

_FIELDS: Final = frozenset(("name", "country", "names", "exact", "unsure", "not", "context", "unless"))
_CHOICE: Final = re.compile(r"\(([^(){}]*)\)|\{([^(){}]*)\}")  # the innermost
_TELL_THE_COUNTRY: Final = {
    "AT": "Österreich österreichische österreichischen Wien Austria Austrian Autriche autrichien",
    "CH": """Schweiz Schweizer schweizerische schweizerischen Bern Zürich Eidgenossenschaft eidgenössische
        eidgenössischen Kanton Kantone Kantonen Franken Bundesverwaltung Bundesrat Vernehmlassung CHF
        Suisse suisses Berne Genève Lausanne confédération fédéral fédérale canton cantons
        Switzerland Swiss Zurich Geneva""",
    "DE": """Deutschland deutsche deutschen deutscher deutsches Bundesregierung Bundesländer Berlin Bonn Germany
        German Allemagne allemand allemande allemands""",
    "FR": "France français française françaises Paris French Frankreich französische französischen",
}


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
    NEVER = 3


_KEYS: Final = {
    "names": _Certainty.SURE,
    "exact": _Certainty.AS_WRITTEN,
    "unsure": _Certainty.NEEDS_CONTEXT,
    "not": _Certainty.NEVER,
}


@dataclass(frozen=True, slots=True)
class _Body:
    organisation: Organisation
    context: frozenset[str]
    unless: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Alias:
    body: _Body
    surfaces: tuple[str, ...]
    folded: tuple[str, ...]
    certainty: _Certainty

    def stands_at(self, words: Sequence[Token], position: int) -> bool:
        here = words[position : position + len(self.folded)]
        if tuple(loose_word(word.surface) for word in here) != self.folded:
            return False
        in_any_case = self.certainty in (_Certainty.SURE, _Certainty.NEVER)
        return in_any_case or tuple(word.surface for word in here) == self.surfaces

    def holds(self, words: frozenset[str], sure: frozenset[str] | None) -> bool:
        """Whether the name counts in a text of these `words` that names the bodies in `sure` without doubt.

        While these are still to be found (None), no unsure name counts.
        """
        if self.certainty in (_Certainty.SURE, _Certainty.NEVER):
            return True
        if not self.body.unless.isdisjoint(words):
            return False
        if self.certainty is _Certainty.AS_WRITTEN:
            return True
        return sure is not None and (self.body.organisation.id in sure or not self.body.context.isdisjoint(words))


_Places = Sequence[tuple[int, Sequence[_Alias]]]  # where aliases stand in a text, the longest first


class Gazetteer:
    """Finds organisations by name. Immutable. `version` changes with the entries."""

    def __init__(self, entries: Mapping[str, Mapping[str, Any]], version: str = "") -> None:
        self.version = version
        self.organisations = {id_: _organisation(id_, entry) for id_, entry in entries.items()}
        self._written: dict[str, list[tuple[str, _Body, _Certainty]]] = defaultdict(list)
        self._aliases: dict[str, Sequence[_Alias]] = {}  # by first word, made when a text first has it
        for id_, entry in entries.items():
            body = _body(self.organisations[id_], entry)
            for key, certainty in _KEYS.items():
                for written in entry.get(key, ()):
                    for first in _first_words(written):
                        self._written[first].append((written, body, certainty))

    def names(self, *texts: str) -> tuple[str, ...]:
        """Canonical names in order of first mention, each once."""
        return self.names_in([tokens(text) for text in texts])

    def names_in(self, fields: Sequence[Sequence[Token]]) -> tuple[str, ...]:
        """The same for texts that are cut into words already."""
        found = (alias for field in self._found(fields) for _, alias in field)
        return tuple(dict.fromkeys(alias.body.organisation.name for alias in found))

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Every place where `text` names an organisation, in order."""
        words = tokens(text)
        (found,) = self._found([words])
        return tuple(
            Mention(alias.body.organisation, words[at].start, words[at + len(alias.folded) - 1].end)
            for at, alias in found
        )

    def _found(self, fields: Sequence[Sequence[Token]]) -> list[list[tuple[int, _Alias]]]:
        fields_places = [self._places(field) for field in fields]
        if not any(fields_places):
            return [[] for _ in fields]
        words = frozenset(loose_word(word.surface) for field in fields for word in field)
        sure = frozenset(
            alias.body.organisation.id
            for places in fields_places
            for _, alias in _longest(places, lambda alias: alias.holds(words, None))
        )
        return [list(_longest(places, lambda alias: alias.holds(words, sure))) for places in fields_places]

    def _places(self, words: Sequence[Token]) -> _Places:
        found = []
        for position, word in enumerate(words):
            folded = loose_word(word.surface)
            if folded in self._written:
                standing = [alias for alias in self._from(folded) if alias.stands_at(words, position)]
                if standing:
                    found.append((position, standing))
        return found

    def _from(self, first: str) -> Sequence[_Alias]:
        """The names that begin with the folded word `first`."""
        if first not in self._aliases:
            aliases = (
                _alias(name, body, certainty)
                for written, body, certainty in self._written[first]
                for name in _spelt_out(written)
            )
            found = (alias for alias in aliases if alias.folded[0] == first)
            self._aliases[first] = sorted(found, key=lambda alias: -len(alias.folded))
        return self._aliases[first]


@cache
def load_gazetteer() -> Gazetteer:
    """The shipped gazetteer. Raises ConfigError on a malformed entry."""
    source = (files("shared.text") / "organisations.toml").read_text("utf-8")
    return Gazetteer(tomllib.loads(source), hashlib.sha256(source.encode()).hexdigest()[:8])


def _longest(places: _Places, holds: Callable[[_Alias], bool]) -> Iterator[tuple[int, _Alias]]:
    """From left to right the longest name that holds; what lies within it names nobody."""
    free = 0
    for position, aliases in places:
        if position >= free and (alias := next(filter(holds, aliases), None)):
            free = position + len(alias.folded)
            if alias.certainty is not _Certainty.NEVER:
                yield position, alias


def _organisation(id_: str, entry: Mapping[str, Any]) -> Organisation:
    if unknown := sorted(set(entry) - _FIELDS):
        raise ConfigError(
            f"organisations.toml: {id_}: unknown key {unknown[0]!r}; known: {', '.join(sorted(_FIELDS))}"
        )
    return Organisation(id_, entry["name"], entry["country"])


def _body(organisation: Organisation, entry: Mapping[str, Any]) -> _Body:
    context = _folded(entry["context"]) if "context" in entry else _tell_the_country(organisation.country)
    return _Body(organisation, context, _folded(entry.get("unless", ())))


@cache
def _tell_the_country(country: str) -> frozenset[str]:
    return _folded(_TELL_THE_COUNTRY.get(country, "").split())


def _folded(words: Sequence[str]) -> frozenset[str]:
    return frozenset(map(loose_word, words))


def _first_words(written: str) -> Sequence[str]:
    """The words, folded, that the spellings of a name begin with."""
    beginning = written.partition(" ")[0]
    whole = beginning.count("(") == beginning.count(")") and beginning.count("{") == beginning.count("}")
    return _first_words_of(beginning if whole else written)


@cache
def _first_words_of(beginning: str) -> Sequence[str]:
    if beginning.isalpha():
        return (loose_word(beginning),)
    return tuple({loose_word(tokens(name.partition(" ")[0])[0].surface) for name in _spelt_out(beginning)})


def _alias(name: str, body: _Body, certainty: _Certainty) -> _Alias:
    words = tuple(word.surface for word in tokens(name))
    return _Alias(body, words, tuple(map(loose_word, words)), certainty)


def _spelt_out(written: str) -> Iterator[str]:
    """Every spelling that `written` stands for, choices within choices included."""
    choice = _CHOICE.search(written)
    if not choice:
        yield written
        return
    ending, one_of = choice.groups()
    for option in ("", *ending.split("|")) if one_of is None else one_of.split("|"):
        yield from _spelt_out(written[: choice.start()] + option + written[choice.end() :])
