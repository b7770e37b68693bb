"""Texts for people, one TOML file per language beside the code that uses them.

A catalogue is flat: `key = "text with {names}"`. A missing key is an error at load: no page ever shows one.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.errors import ConfigError
from shared.items import LANGUAGES


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language."""

    language: str
    texts: Mapping[str, str] = field(hash=False)

    def __call__(self, key: str, **values: object) -> str:
        """The text of `key` with its names filled in. Raises KeyError for a key that no catalogue has."""
        return self.texts[key].format(**values) if values else self.texts[key]


def load_texts(folder: Path) -> Mapping[str, Texts]:
    """Language -> texts, from `folder`/{de,fr,en}.toml. Raises ConfigError when their keys differ."""
    catalogues = {lang: tomllib.loads((folder / f"{lang}.toml").read_text("utf-8")) for lang in LANGUAGES}
    every = set().union(*catalogues.values())
    for lang, texts in catalogues.items():
        if missing := sorted(every - set(texts)):
            raise ConfigError(f"{folder / lang}.toml lacks the texts {', '.join(missing)}")
    return {lang: Texts(lang, texts) for lang, texts in catalogues.items()}
