"""Pure. Labelled items from JSON Lines.

Needed: "id", "lang", "title", "text", "themes". Perhaps: "group" (default: the id), "sovereignty",
"franco_german", "organisations", "ai", and "judged": the labels that somebody decided on. Without "judged" these
are the eleven themes, the language and whichever of the optional fields stand in the line; `ai` too where the line
has the field, or where any line of the file without it names `ai` among its themes. Other fields are passed over.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from services.classifier.evaluation.labelled import AI, LABELS, LANGUAGE, ORGANISATIONS, RUBRIC, THEMES, Labelled
from services.classifier.model import FRANCO_GERMAN, SOVEREIGNTY
from shared.errors import BadInput
from shared.items import LANGUAGES, OTHER
from shared.jsonlines import json_object

_OPTIONAL: Final = (SOVEREIGNTY, FRANCO_GERMAN, ORGANISATIONS)


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that cannot be used, counted from 1, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The items of a file, and its lines that are none."""

    items: tuple[Labelled, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """An item; `ai_open`: the line itself does not say whether `ai` was judged."""

    item: Labelled
    ai_open: bool


def read(lines: Iterable[bytes]) -> Reading:
    """Every line that is not blank becomes an item or a refusal. An id that stands twice is refused."""
    found: dict[str, tuple[int, _Line]] = {}
    refused: list[Refused] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            read_line = _line(json_object(line))
            if read_line.item.id in found:
                first, _ = found[read_line.item.id]
                raise BadInput(f"the id {read_line.item.id!r} stands on line {first} already")
        except BadInput as error:
            refused.append(Refused(number, str(error)))
        else:
            found[read_line.item.id] = number, read_line
    return Reading(_with_ai([line for _, line in found.values()]), tuple(refused))


def _with_ai(lines: list[_Line]) -> tuple[Labelled, ...]:
    ai_is_a_theme_here = any(line.ai_open and AI in line.item.themes for line in lines)
    return tuple(
        replace(line.item, judged=line.item.judged | {AI}) if line.ai_open and ai_is_a_theme_here else line.item
        for line in lines
    )


def _line(found: Mapping[str, Any]) -> _Line:
    judged = _judged(found)
    item_id = str(_needed(found, "id", str, int))
    themes = _words(found, "themes", needed=bool(judged & set(RUBRIC)))
    _known(themes, THEMES, "theme")
    item = Labelled(
        id=item_id,
        group=str(_perhaps(found, "group", item_id, str, int)),
        lang=_language(_needed(found, "lang", str)),
        title=_needed(found, "title", str),
        text=_needed(found, "text", str),
        themes=_themes(themes, _perhaps(found, AI, None, bool)),
        sovereignty=_degree(_perhaps(found, SOVEREIGNTY, 0.0, int, float)),
        franco_german=_perhaps(found, FRANCO_GERMAN, False, bool),
        organisations=_words(found, ORGANISATIONS),
        judged=judged,
    )
    return _Line(item, ai_open="judged" not in found and AI not in found)


def _judged(found: Mapping[str, Any]) -> frozenset[str]:
    if "judged" not in found:
        return frozenset((*RUBRIC, LANGUAGE, *(field for field in (*_OPTIONAL, AI) if field in found)))
    judged = _words(found, "judged")
    _known(judged, LABELS, "label")
    for field in _OPTIONAL:
        if field in judged and field not in found:
            raise BadInput(f"{field!r} is missing, though 'judged' names it")
    return judged


def _themes(named: frozenset[str], ai: bool | None) -> frozenset[str]:
    if ai is None:
        return named
    return named | {AI} if ai else named - {AI}


def _needed(found: Mapping[str, Any], field: str, *kinds: type) -> Any:
    if found.get(field) is None:
        raise BadInput(f"{field!r} is missing")
    return _perhaps(found, field, None, *kinds)


def _perhaps(found: Mapping[str, Any], field: str, default: Any, *kinds: type) -> Any:
    value = found.get(field)
    if value is None:
        return default
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise BadInput(f"{field!r} must be {_SAID[kinds[-1]]}, found {json.dumps(value)[:40]}")
    return value


_SAID: Final[Mapping[type, str]] = {
    str: "a string",
    int: "a string or a number",
    float: "a number",
    bool: "true or false",
    list: "a list of strings",
}


def _words(found: Mapping[str, Any], field: str, *, needed: bool = False) -> frozenset[str]:
    value = _needed(found, field, list) if needed else _perhaps(found, field, [], list)
    if not all(isinstance(each, str) for each in value):
        raise BadInput(f"{field!r} must be a list of strings, found {json.dumps(value)[:40]}")
    return frozenset(value)


def _known(given: frozenset[str], known: Iterable[str], what: str) -> None:
    if unknown := sorted(given.difference(known)):
        raise BadInput(f"{unknown[0]!r} is no {what}; known are {', '.join(sorted(known))}")


def _language(value: str) -> str:
    if value not in (*LANGUAGES, OTHER):
        raise BadInput(f"'lang' must be {', '.join(LANGUAGES)} or {OTHER}, found {value!r}")
    return value


def _degree(value: float) -> float:
    if not 0 <= value <= 1:
        raise BadInput(f"'sovereignty' must be 0 to 1, found {value}")
    return float(value)
