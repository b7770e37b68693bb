"""Texts for people, one TOML file per language beside the code that uses them.

A catalogue is flat: `key = "text with {names}"`. A missing key is an error at load: no page ever shows one.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from shared.errors import ConfigError
from shared.items import LANGUAGES

NARROW: Final = "\u202f"  # the space of French before : ; ! ? and inside « »; no line breaks there
_BEFORE: Final = re.compile(r"[ \u00a0](?=[:;!?»](?![\w/]))")
_AFTER: Final = re.compile(r"(?<=«)[ \u00a0]")


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language."""

    language: str
    texts: Mapping[str, str] = field(hash=False)

    def __call__(self, key: str, **values: object) -> str:
        """The text of `key` with its names filled in. Raises KeyError for a key that no catalogue has."""
        return self.texts[key].format(**values) if values else self.texts[key]

    @property
    def colon(self) -> str:
        """What stands between a label and what it names."""
        return colon(self.language)

    @property
    def semicolon(self) -> str:
        """What stands between two things that are said in a row."""
        return f"{self._space}; "

    @property
    def _space(self) -> str:
        return NARROW if self.language == "fr" else ""


@cache
def load_texts(folder: Path) -> Mapping[str, Texts]:
    """Language -> texts, from `folder`/{de,fr,en}.toml. Raises ConfigError when their keys differ."""
    catalogues = {lang: tomllib.loads((folder / f"{lang}.toml").read_text("utf-8")) for lang in LANGUAGES}
    every = set().union(*catalogues.values())
    for lang, texts in catalogues.items():
        if missing := sorted(every - set(texts)):
            raise ConfigError(f"{folder / lang}.toml lacks the texts {', '.join(missing)}")
    french = {key: in_french(text) for key, text in catalogues["fr"].items()}
    return {lang: Texts(lang, french if lang == "fr" else texts) for lang, texts in catalogues.items()}


def colon(language: str) -> str:
    """What stands between a label and what it names."""
    return f"{NARROW}: " if language == "fr" else ": "


def in_french(text: str) -> str:
    """The text with its narrow spaces, however they were typed: nobody sees the difference in an editor."""
    return _AFTER.sub(NARROW, _BEFORE.sub(NARROW, text))
