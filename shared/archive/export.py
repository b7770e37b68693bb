"""Pure. Found items as text that other programs read: JSON, JSON lines, CSV, RIS, BibTeX, Atom.

Every function takes items one by one and yields text as it goes, so that memory stays flat however many there are.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from shared.archive.atom import About, atom
from shared.archive.citations import bibtex, ris
from shared.archive.found import FoundItem
from shared.clock import rfc3339

KEYS: Final = (
    "item_id",
    "revision",
    "source",
    "title",
    "url",
    "published",
    "published_on",
    "first_seen",
    "language",
    "themes",
    "scores",
    "sovereignty",
    "franco_german",
    "organisations",
    "summary",
    "story",
    "model",
)
FORMATS: Final = ("json", "ndjson", "csv", "ris", "bibtex", "atom")

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")  # a spreadsheet runs a cell that begins so
_LINE_ENDS: Final = str.maketrans({c: f"\\u{ord(c):04x}" for c in "\x7f\x85\u2028\u2029"})


def export(form: str, items: Iterable[FoundItem], about: About) -> Iterator[str]:
    """The items in one of `FORMATS`, piece by piece. A document of no items is still a valid document."""
    if form == "atom":
        return atom(items, about)
    simple: Mapping[str, Callable[[Iterable[FoundItem]], Iterator[str]]] = {
        "json": json_array,
        "ndjson": json_lines,
        "csv": csv_rows,
        "ris": ris,
        "bibtex": bibtex,
    }
    return simple[form](items)


def record(item: FoundItem) -> dict[str, Any]:
    """The item under the keys of the contract; times are RFC 3339 in UTC or None."""
    return {key: _plain(key, getattr(item, key)) for key in KEYS}


def json_array(items: Iterable[FoundItem]) -> Iterator[str]:
    lead = "["
    for item in items:
        yield f"{lead}\n{_json(item)}"
        lead = ","
    yield "[]\n" if lead == "[" else "\n]\n"


def json_lines(items: Iterable[FoundItem]) -> Iterator[str]:
    for item in items:
        yield f"{_json(item)}\n"


def csv_rows(items: Iterable[FoundItem]) -> Iterator[str]:
    """RFC 4180 in UTF-8. Lists are joined by |, scores are written theme=score; formulas are made harmless."""
    yield _row(KEYS)
    for item in items:
        yield _row(_cell(value) for value in record(item).values())


def _plain(key: str, value: Any) -> Any:
    if key in ("published", "first_seen"):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value


def _json(item: FoundItem) -> str:
    # JSON allows these characters inside a text, but readers of lines take them for line ends
    return json.dumps(record(item), ensure_ascii=False).translate(_LINE_ENDS)


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case list():
            text = "|".join(value)
        case dict():
            text = "|".join(f"{name}={score}" for name, score in value.items())
        case _:
            text = str(value).replace("\0", "")  # readers of CSV stop at it
    return f"'{text}" if text.startswith(_FORMULA) else text


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
