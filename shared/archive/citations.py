"""Pure. Found items as references: RIS, BibTeX, Markdown, for the programs that people keep their literature in.

A date is the publisher's or missing: none is made of the day when we saw the item. What each program makes of a
field decided which ones stand here; `tests/unit/archive/test_citations.py` asks them.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date
from typing import Final

from shared.archive.about import About, Colophon, Tally
from shared.archive.authors import person
from shared.archive.found import FoundItem
from shared.shown_url import web_link

_TEX: Final = (
    {c: f"\\{c}" for c in "%#$&_"}
    | {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}"}
    | {"{": "\\textbraceleft{}", "}": "\\textbraceright{}"}  # BibTeX counts an escaped brace too
    | {"<": "\\textless{}", ">": "\\textgreater{}"}  # TeX's first encoding has ¡ and ¿ in their places
)
_FOR_TEX: Final = re.compile(f"[{re.escape(''.join(_TEX))}]")
_ON_ONE_LINE: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_UNSEEN: Final = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)  # TeX stops at marks of direction
_QUOTED: Final = re.compile(r'"(?=\S)([^"]*?\S)"')  # with German hyphenation `"u` is an umlaut to TeX
_URL: Final = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20"})  # braces delimit a BibTeX value
_LANGIDS: Final = {"de": "ngerman", "fr": "french", "en": "english"}
_MARKDOWN: Final = re.compile(r"([\\`*_\[\]<>])")


def ris(items: Iterable[FoundItem]) -> Iterator[str]:
    """One record of type ELEC (web page) per item; lines end with CRLF, as RIS has it."""
    for item in items:
        fields = [("TY", "ELEC"), ("ID", item.item_id), *_ris_fields(item), ("ER", "")]
        yield "".join(f"{tag}  - {_line(value)}\r\n" for tag, value in fields)


def bibtex(items: Iterable[FoundItem], about: About) -> Iterator[str]:
    """One @online entry per item, which biblatex knows and BibTeX's own styles take as @misc; then a comment."""
    tally = Tally()
    for item in tally.of(items):
        fields = "".join(f"  {name} = {{{value}}},\n" for name, value in _bibtex_fields(item))
        yield f"@online{{vigie:{item.item_id},\n{fields}}}\n"
    yield from _comment(tally.colophon(about))


def markdown(item: FoundItem, page: str) -> str:
    """The item as a line of text with links; `page` is its address here."""
    title = _escaped(item.title)
    url = web_link(item.url)
    link = f"[{title}]({_in_brackets(url)})" if url else title
    authors = f"{_escaped(', '.join(item.authors))}: " if item.authors else ""
    day = _day(item)
    parts = [f"{authors}{link}", _escaped(_publisher(item)), *([day.isoformat()] if day else [])]
    return f"{'. '.join(part.rstrip('.') for part in parts)}. [Vigie]({_in_brackets(page)})"


def _ris_fields(item: FoundItem) -> Iterator[tuple[str, str]]:
    yield "TI", item.title
    for name in item.authors:
        known = person(name)
        yield "AU", f"{known.family}, {known.given}" if known and known.given else name
    yield "PB", _publisher(item)
    if day := _day(item):
        yield "PY", f"{day:%Y}"
        yield "DA", f"{day:%Y/%m/%d/}"
    if item.summary:
        yield "AB", item.summary
    yield from (("KW", theme) for theme in item.themes)
    if item.language != "other":
        yield "LA", item.language
    if url := web_link(item.url):
        yield "UR", url
    yield "Y2", f"{item.revised_at.astimezone(UTC):%Y/%m/%d/}"


def _bibtex_fields(item: FoundItem) -> Iterator[tuple[str, str]]:
    yield "title", f"{{{_tex(item.title)}}}"  # doubled braces keep the capitals
    if item.authors:
        yield "author", " and ".join(map(_bibtex_author, item.authors))
    else:
        yield "key", _tex(_publisher(item))  # what BibTeX's styles sort by, and print nowhere
    yield "organization", _tex(_publisher(item))
    if day := _day(item):
        yield "year", f"{day:%Y}"
        yield "date", f"{day:%Y-%m-%d}"
        yield "urldate", f"{item.revised_at.astimezone(UTC):%Y-%m-%d}"  # alone, biblatex makes a year of it
    if url := web_link(item.url):
        yield "url", url.translate(_URL)
    if item.language in _LANGIDS:
        yield "langid", _LANGIDS[item.language]
    if item.themes:
        yield "keywords", _tex(", ".join(item.themes))
    if item.summary:
        yield "abstract", _tex(item.summary)


def _bibtex_author(name: str) -> str:
    """A person by parts; a body in braces, so that `Institut für KI` has no family name."""
    known = person(name)
    if known is None or not known.given:
        return f"{{{_tex(name)}}}"
    return f"{_tex(known.family)}, {_tex(known.given)}"


def _comment(colophon: Colophon) -> Iterator[str]:
    """What stands between entries is no entry, as long as it has no @."""
    for name, value in colophon.facts().items():
        said = ", ".join(value) if isinstance(value, list) else str(value)
        yield f"% {name}: {_line(said).replace('@', '(at)')}\n"


def _publisher(item: FoundItem) -> str:
    return item.source_name or item.source


def _day(item: FoundItem) -> date | None:
    """The publisher's day, where it said one."""
    return item.day if item.published or item.published_on else None


def _line(text: str) -> str:
    """Text on one line, without what nobody sees: a line break begins the next field."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return _ON_ONE_LINE.sub(" ", _UNSEEN.sub("", text)).strip()


def _tex(text: str) -> str:
    plain = _QUOTED.sub("“\\1”", _line(text)).replace('"', "”")
    return _FOR_TEX.sub(lambda found: _TEX[found[0]], plain)


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", _line(text))


def _in_brackets(url: str) -> str:
    return url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
