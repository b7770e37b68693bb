"""Pure. Found items as tables for spreadsheets: CSV with comma or semicolon, and XLSX.

One column for each theme's score, with four decimals: three are a thousand to Calc in German. Every cell of a CSV
is quoted, for Calc takes comma, tab and semicolon alike as the end of a cell.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from shared.archive.found import KEYS, FoundItem
from shared.clock import rfc3339
from shared.themes import themes

_QUOTE, _TWO = '"', '""'
BOM: Final = "\ufeff"  # without it Excel reads UTF-8 as something else
Cell = str | float | bool | datetime | date | None
_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")  # what a spreadsheet would run
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV is written: what ends a cell, and what stands before decimals."""

    delimiter: str
    decimal: str


COMMA: Final = Dialect(",", ".")
SEMICOLON: Final = Dialect(";", ",")  # what Excel opens by double click where decimals have a comma


def columns() -> Sequence[str]:
    """The heads of the table."""
    scores = [f"score_{theme}" for theme in themes()]
    return [*_BEFORE, *scores, *_AFTER]


def row(item: FoundItem) -> Sequence[Cell]:
    """The item's cells, in the order of `columns`. A theme that was not judged is an empty cell."""
    scores = [float(item.scores[theme]) if theme in item.scores else None for theme in themes()]
    return [*_values(item, _BEFORE), *scores, *_values(item, _AFTER)]


def csv_rows(items: Iterable[FoundItem], dialect: Dialect = COMMA) -> Iterator[str]:
    """RFC 4180 in UTF-8 with a byte order mark. Lists are joined by |; formulas are made harmless."""
    yield BOM + _line(columns(), dialect)
    for item in items:
        yield _line([written(cell, dialect) for cell in row(item)], dialect)


def written(cell: Cell, dialect: Dialect) -> str:
    """A cell as text; what begins like a formula gets an apostrophe."""
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).lower()
        case int():
            return str(cell)
        case float():
            return f"{cell:.4f}".replace(".", dialect.decimal)
        case datetime():
            return rfc3339(cell) or ""
        case date():
            return cell.isoformat()
        case _:
            text = without_controls(cell)
            return f"'{text}" if text.startswith(_FORMULA) else text


def without_controls(text: str) -> str:
    """Text without what no spreadsheet shows and some stop at; tabs and line ends stay."""
    return _CONTROL.sub("", text)


_BEFORE: Final = KEYS[: KEYS.index("scores")]
_AFTER: Final = KEYS[len(_BEFORE) + 1 :]


def _values(item: FoundItem, names: Iterable[str]) -> Iterator[Cell]:
    for name in names:
        value: Any = getattr(item, name)
        yield "|".join(value) if isinstance(value, tuple) else value


def _line(cells: Iterable[str], dialect: Dialect) -> str:
    return dialect.delimiter.join([f'"{cell.replace(_QUOTE, _TWO)}"' for cell in cells]) + "\r\n"


def facts_as_rows(facts: Mapping[str, Any]) -> Iterator[Sequence[Cell]]:
    """A colophon as a table of two columns."""
    for name, value in facts.items():
        yield [name, ", ".join(value) if isinstance(value, list) else value]
