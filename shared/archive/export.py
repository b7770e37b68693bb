"""Pure. Found items as documents that other programs read, under the names of their formats.

Every function takes items one by one and yields text as it goes, so that memory stays flat however many there are.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.archive.about import About
from shared.archive.atom import atom
from shared.archive.citations import bibtex, ris
from shared.archive.found import KEYS, FoundItem
from shared.archive.json_feed import json_feed
from shared.archive.sheets import SEMICOLON, csv_rows
from shared.archive.xlsx import workbook
from shared.clock import rfc3339

_WRITTEN: Final[Mapping[str, Callable[[Any], Any]]] = {  # what is no value of JSON as it stands
    "published": rfc3339,
    "published_on": lambda day: day and day.isoformat(),
    "first_seen": rfc3339,
    "themes": list,
    "scores": dict,
    "organisations": list,
}
_LINE_ENDS: Final = re.compile("[\x7f\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is called by people, by servers, and as a file. A feed has the newest items only."""

    name: str
    media_type: str
    suffix: str
    feed: bool = False


FORMATS: Final[Mapping[str, Format]] = {
    "csv": Format("CSV", "text/csv", "csv"),
    "csv2": Format("CSV (;)", "text/csv", "csv"),
    "xlsx": Format("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    "json": Format("JSON", "application/json", "json"),
    "ndjson": Format("NDJSON", "application/x-ndjson", "ndjson"),
    "ris": Format("RIS", "application/x-research-info-systems", "ris"),
    "bibtex": Format("BibTeX", "application/x-bibtex", "bib"),
    "atom": Format("Atom", "application/atom+xml", "atom", feed=True),
    "jsonfeed": Format("JSON Feed", "application/feed+json", "json", feed=True),
}


def export(form: str, items: Iterable[FoundItem], about: About) -> Iterator[bytes]:
    """The items in one of `FORMATS`, piece by piece. A document of no items is still a valid document."""
    if form == "xlsx":
        return workbook(items, about)
    texts: Mapping[str, Callable[[], Iterator[str]]] = {
        "csv": lambda: csv_rows(items),
        "csv2": lambda: csv_rows(items, SEMICOLON),
        "json": lambda: json_array(items),
        "ndjson": lambda: json_lines(items),
        "ris": lambda: ris(items),
        "bibtex": lambda: bibtex(items, about),
        "atom": lambda: atom(items, about),
        "jsonfeed": lambda: json_feed(items, about),
    }
    return (piece.encode("utf-8", "replace") for piece in texts[form]())


def record(item: FoundItem) -> dict[str, Any]:
    """The item under the keys of the contract; times are RFC 3339 in UTC or None."""
    plain = {key: getattr(item, key) for key in KEYS}
    for key, written in _WRITTEN.items():
        plain[key] = written(plain[key])
    return plain


def json_array(items: Iterable[FoundItem]) -> Iterator[str]:
    lead = "["
    for item in items:
        yield f"{lead}\n{_json(item)}"
        lead = ","
    yield "[]\n" if lead == "[" else "\n]\n"


def json_lines(items: Iterable[FoundItem]) -> Iterator[str]:
    for item in items:
        yield f"{_json(item)}\n"


def _json(item: FoundItem) -> str:
    # JSON allows these characters inside a text, but readers of lines take them for line ends
    return _LINE_ENDS.sub(_escaped, json.dumps(record(item), ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
