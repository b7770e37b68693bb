"""Loads the shipped lexicon. Reads the term files beside it; everything else here is pure.

One TOML file per label (`energy.toml` …, `sovereignty.toml`, `franco_german.toml`), and `elsewhere.toml` for what
speaks against every theme. In it one section per language (`any` holds for all), in that the terms by weight:
`certain`, `strong`, `medium`, `weak`, `faint`, `against`, `contrary`; and `not` for contexts in which a term means
something else.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from services.classifier.lexicon.model import LexiconModel
from services.classifier.lexicon.pairs import GROUPS, group_label
from services.classifier.lexicon.terms import ANY_LANGUAGE, Term, terms_of
from services.classifier.model import FRANCO_GERMAN, SOVEREIGNTY
from shared.errors import ConfigError
from shared.items import LANGUAGES
from shared.text.organisations import load_gazetteer
from shared.themes import themes

_GENERATION: Final = "lexicon-1"
_ELSEWHERE: Final = "elsewhere"  # terms of this file speak against every theme


@cache
def load_lexicon() -> LexiconModel:
    """The lexicon model as shipped, read once; its name changes with every term. ConfigError: a malformed file."""
    sources = {label: _source(label) for label in (*themes(), SOVEREIGNTY, FRANCO_GERMAN, _ELSEWHERE)}
    gazetteer = load_gazetteer()
    digest = hashlib.sha256("\0".join((*sources.values(), gazetteer.version)).encode()).hexdigest()
    terms: dict[str, list[Term]] = {language: [] for language in (*LANGUAGES, ANY_LANGUAGE)}
    for name, source in sources.items():
        for label in themes() if name == _ELSEWHERE else (name,):
            for language, found in _terms(label, source):
                terms[language] += found
    return LexiconModel(f"{_GENERATION}.{digest[:8]}", terms, gazetteer)


def _source(label: str) -> str:
    return (files("services.classifier.lexicon") / f"{label}.toml").read_text("utf-8")


def _terms(label: str, source: str) -> Iterator[tuple[str, list[Term]]]:
    for language, lists in tomllib.loads(source).items():
        if language not in (*LANGUAGES, ANY_LANGUAGE):
            raise ConfigError(f"the lexicon of {label} has the section {language!r}; write a language or any")
        groups = {name: written for name, written in lists.items() if name in GROUPS}
        plain = {name: written for name, written in lists.items() if name not in GROUPS}
        yield language, [*terms_of(label, plain), *_grouped(groups)]


def _grouped(groups: Mapping[str, list[str]]) -> Iterator[Term]:
    for group, written in groups.items():
        yield from terms_of(group_label(group), {"certain": written})
