"""Pure. Found items as references: RIS and BibTeX, for the programs that people keep their literature in."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Final

from shared.archive.found import FoundItem

_TEX: Final = str.maketrans(
    {c: f"\\{c}" for c in "%#$&_"}
    | {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}"}
    | {"{": "\\textbraceleft{}", "}": "\\textbraceright{}"}  # BibTeX counts an escaped brace too
)
_URL: Final = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20"})  # braces delimit a BibTeX value
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def ris(items: Iterable[FoundItem]) -> Iterator[str]:
    """One record of type ELEC (web page) per item; lines end with CRLF, as RIS has it."""
    for item in items:
        fields = [("TY", "ELEC"), ("ID", item.item_id), *_ris_fields(item), ("ER", "")]
        yield "".join(f"{tag}  - {_line(value)}\r\n" for tag, value in fields)


def bibtex(items: Iterable[FoundItem]) -> Iterator[str]:
    """One @misc entry per item, which every style knows."""
    for item in items:
        fields = "".join(f"  {name} = {value},\n" for name, value in _bibtex_fields(item))
        yield f"@misc{{vigie:{item.item_id},\n{fields}}}\n"


def _ris_fields(item: FoundItem) -> Iterator[tuple[str, str]]:
    day = item.day
    yield "TI", item.title
    yield from (("AU", author) for author in item.authors)
    yield "PB", item.source_name or item.source
    yield "PY", f"{day:%Y}"
    yield "DA", f"{day:%Y/%m/%d/}"
    if item.summary:
        yield "AB", item.summary
    yield from (("KW", theme) for theme in item.themes)
    if item.language != "other":
        yield "LA", item.language
    if item.url:
        yield "UR", item.url
    yield "Y2", f"{item.first_seen.astimezone(UTC):%Y/%m/%d/}"


def _bibtex_fields(item: FoundItem) -> Iterator[tuple[str, str]]:
    day = item.day
    yield "title", f"{{{{{_tex(item.title)}}}}}"  # doubled braces keep the capitals
    if item.authors:
        yield "author", f"{{{' and '.join(f'{{{_tex(author)}}}' for author in item.authors)}}}"
    yield "publisher", f"{{{_tex(item.source_name or item.source)}}}"
    yield "year", f"{day:%Y}"
    yield "month", _MONTHS[day.month - 1]
    yield "date", f"{{{day:%Y-%m-%d}}}"
    if item.url:
        yield "url", f"{{{item.url.translate(_URL)}}}"
    yield "urldate", f"{{{item.first_seen.astimezone(UTC):%Y-%m-%d}}}"
    if item.language != "other":
        yield "language", f"{{{item.language}}}"
    if item.themes:
        yield "keywords", f"{{{_tex(', '.join(item.themes))}}}"
    if item.summary:
        yield "abstract", f"{{{_tex(item.summary)}}}"


def _line(text: str) -> str:
    """Text on one line, without control characters: a line break begins the next field."""
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()


def _tex(text: str) -> str:
    return _line(text).translate(_TEX)
