"""What a finding says: a sentence in the reader's language, with what stands in it. Reads its texts once.

What comes from elsewhere (a server's answer, an error of the system) stands in a sentence as it was said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel.numbers import format_decimal

from shared.locales import Texts, load_texts

ENGLISH: Final = "en"
NAMED: Final = 5  # names that a sentence lists
AS_SAID: Final = "said"  # the sentence that is nothing but words from elsewhere
_MORE: Final = "names_more"
_COUNTS: Final = "n"


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence of the catalogue and its values: texts, numbers, names in a row, other sentences.

    One that counts has two forms in the catalogue, `<key>_one` and `<key>_many`, and its number is `n`.
    """

    key: str
    values: Mapping[str, "Value"] = field(default_factory=dict)

    def __str__(self) -> str:
        return in_words(self)

    def shown(self) -> dict[str, Any]:
        """As JSON keeps it; `kept` reads it again."""
        return {"key": self.key, "values": {name: _shown(value) for name, value in self.values.items()}}


Value = str | int | Told | tuple["Value", ...]


def told(key: str, **values: Value) -> Told:
    """The sentence of this key."""
    return Told(key, values)


def as_said(said: str) -> Told:
    """Words from elsewhere alone."""
    return told(AS_SAID, said=said)


def kept(shown: Mapping[str, Any] | None) -> Told | None:
    """What `Told.shown` gave."""
    return None if shown is None else Told(shown["key"], {k: _kept(v) for k, v in shown["values"].items()})


def in_words(said: Told, language: str = ENGLISH) -> str:
    """The sentence in de, fr or en."""
    texts = _texts(language)
    count = said.values.get(_COUNTS)
    form = "one" if count == 1 else "many"
    key = said.key if said.key in texts.texts else f"{said.key}_{form}"
    words = {name: _worded(value, language) for name, value in said.values.items()}
    return texts.texts[key].format(**words)


def remedy_of(kind: str, language: str = ENGLISH) -> str | None:
    """What to do about a notice of this kind; None where the catalogue has none."""
    return _texts(language).texts.get(f"remedy_{kind}")


def is_known(key: str) -> bool:
    """Whether the catalogue has the sentence, in one form or in two."""
    texts = _texts(ENGLISH).texts
    return key in texts or {f"{key}_one", f"{key}_many"} <= texts.keys()


def _worded(value: Value, language: str) -> str:
    match value:
        case Told():
            return in_words(value, language)
        case int():
            return str(format_decimal(value, locale=language))
        case tuple():
            names = ", ".join(_worded(each, language) for each in value[:NAMED])
            more = len(value) - NAMED
            return in_words(told(_MORE, names=names, n=more), language) if more > 0 else names
        case _:
            return value


def _shown(value: Value) -> Any:
    match value:
        case Told():
            return value.shown()
        case tuple():
            return [_shown(each) for each in value]
        case _:
            return value


def _kept(value: Any) -> Value:
    match value:
        case dict():
            return Told(value["key"], {name: _kept(each) for name, each in value["values"].items()})
        case list():
            return tuple(map(_kept, value))
        case int():
            return value
        case _:
            return str(value)


@cache
def _texts(language: str) -> Texts:
    return load_texts(Path(__file__).parent / "locales")[language]
