"""How a foreign model is read: the TOML file that `VIGIE_MODEL_OPTIONS` names, over the defaults of this package.

Every key may be left out. An unknown key, label, language or value is an error that says what would be right.
"""

import hashlib
import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from difflib import get_close_matches
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from services.classifier.labels import labels
from services.classifier.model import THRESHOLD
from shared.errors import ConfigError
from shared.items import LANGUAGES

Hypotheses = Mapping[str, Mapping[str, str]]  # label -> language -> sentence


class Kind(StrEnum):
    """How a model's answers are to be understood."""

    NLI = "zero-shot-nli"
    SEQUENCE = "sequence-classification"


class Activation(StrEnum):
    """What makes scores of a sequence classifier's logits: labels apart, or labels that exclude each other."""

    SIGMOID = "sigmoid"
    SOFTMAX = "softmax"


@dataclass(frozen=True, slots=True)
class Options:
    """The keys of the file. None, 0 and empty stand for "find out from the model"."""

    kind: Kind | None = None
    labels: Mapping[str, str] = field(default_factory=dict)  # the model's label -> ours
    hypotheses: Hypotheses = field(default_factory=dict)
    lexicon: tuple[str, ...] = ()  # labels that the lexicon gives though the model could
    threshold: float = THRESHOLD
    thresholds: Mapping[str, float] = field(default_factory=dict)
    activation: Activation | None = None
    entailment: str = ""  # the model's label that means so
    max_tokens: int = 256  # of a window, title and hypothesis included
    windows: int = 8  # at most, of one text
    sentences: int = 16  # that an explanation leaves out in turn, at most
    weights: str = ""  # file in the model's folder
    device: str = "cpu"
    revision: str = ""
    cache_dir: str = ""
    offline: bool = False

    def threshold_of(self, label: str) -> float:
        return self.thresholds.get(label, self.threshold)

    def digest(self, *more: str) -> str:
        """Eight characters that change with every option that may change a verdict, and with `more`."""
        deciding = {key: value for key, value in asdict(self).items() if key not in _HARMLESS}
        text = json.dumps([deciding, *more], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:8]


_HARMLESS: Final = ("device", "revision", "cache_dir", "offline", "weights")  # the files are named by themselves


def load_options(path: Path | None) -> Options:
    """The options of the file, or the defaults. Raises ConfigError."""
    given = _read(path) if path else {}
    checked = {key: _checked(f"{path}: {key}", key, value) for key, value in given.items()}
    ours = _hypotheses("hypotheses.toml", tomllib.loads(_default_hypotheses()))
    checked["hypotheses"] = {**ours, **checked.get("hypotheses", {})}
    return Options(**checked)


def _default_hypotheses() -> str:
    return (files("services.classifier.hub") / "hypotheses.toml").read_text("utf-8")


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"VIGIE_MODEL_OPTIONS names {path}, which cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error


def _checked(where: str, key: str, value: Any) -> Any:
    known = [f.name for f in fields(Options)]
    if key not in known:
        raise ConfigError(f"{where}: there is no such option.{_nearest(key, known)}")
    return _CHECKS[key](where, value)


def _one_of(kinds: type[StrEnum]) -> Callable[[str, Any], StrEnum]:
    def check(where: str, value: Any) -> StrEnum:
        try:
            return kinds(value)
        except ValueError:
            raise ConfigError(f"{where} is {value!r}; it must be one of {', '.join(kinds)}.") from None

    return check


def _count(least: int, most: int) -> Callable[[str, Any], int]:
    def check(where: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ConfigError(f"{where} is {value!r}; it must be a whole number from {least} to {most}.")
        return value

    return check


def _text(where: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{where} is {value!r}; it must be a text in quotes.")
    return value


def _yes_no(where: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(f"{where} is {value!r}; it must be true or false.")
    return value


def _share(where: str, value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1:
        raise ConfigError(f"{where} is {value!r}; it must be a number between 0 and 1.")
    return float(value)


def _ours(where: str, value: Any) -> str:
    if value not in labels():
        raise ConfigError(
            f"{where}: there is no label {value!r}.{_nearest(str(value), labels())} "
            f"Known are {', '.join(labels())}."
        )
    return str(value)


def _table(where: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where} must be a table.")
    return value


def _labels(where: str, value: Any) -> Mapping[str, str]:
    return {name: _ours(f"{where}.{name}", ours) for name, ours in _table(where, value).items()}


def _thresholds(where: str, value: Any) -> Mapping[str, float]:
    return {_ours(where, name): _share(f"{where}.{name}", each) for name, each in _table(where, value).items()}


def _left_to_lexicon(where: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ConfigError(f"{where} must be a list of labels.")
    return tuple(_ours(where, name) for name in value)


def _hypotheses(where: str, value: Any) -> Hypotheses:
    found = {}
    for name, sentences in _table(where, value).items():
        label, said = _ours(where, name), _table(f"{where}.{name}", sentences)
        if set(said) != set(LANGUAGES) or not all(isinstance(s, str) and s.strip() for s in said.values()):
            raise ConfigError(f"{where}.{name} needs one sentence each for {', '.join(LANGUAGES)}.")
        found[label] = dict(said)
    return found


def _nearest(word: str, known: Any) -> str:
    near = get_close_matches(word, known, n=1)
    return f" Did you mean {near[0]}?" if near else ""


_CHECKS: Final[Mapping[str, Callable[[str, Any], Any]]] = {
    "kind": _one_of(Kind),
    "labels": _labels,
    "hypotheses": _hypotheses,
    "lexicon": _left_to_lexicon,
    "threshold": _share,
    "thresholds": _thresholds,
    "activation": _one_of(Activation),
    "entailment": _text,
    "max_tokens": _count(16, 8192),
    "windows": _count(1, 64),
    "sentences": _count(1, 64),
    "weights": _text,
    "device": _text,
    "revision": _text,
    "cache_dir": _text,
    "offline": _yes_no,
}
