"""Pure. What a publisher says to machines about the use of a page, besides robots.txt.

The TDM Reservation Protocol (W3C community group, 2024): what the site's `/.well-known/tdmrep.json` reserves is
not even asked for; of a document's own meta data and its header, the meta data win. And the directives for robots
that stand against what we do with a text: keep it, index it, show passages of it, read it by a model.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lxml import html

AGENT: Final = "vigie"
AGAINST: Final = ("noindex", "none", "noarchive", "nosnippet", "noai")
MOST_RULES: Final = 1000
MOST_STARS: Final = 8  # of one pattern, which bounds the time that it takes
_NAMES_AGENT: Final = re.compile(r"\s*([a-z][\w-]*)\s*:\s*(.*)", re.IGNORECASE)
_WITH_VALUE: Final = ("max-snippet", "max-image-preview", "max-video-preview", "unavailable_after")
_NO_SNIPPET: Final = re.compile(r"\s*max-snippet\s*:\s*0\s*")
_IN_PDF: Final = re.compile(rb"tdm:reservation\s*(?:=\s*[\"']|>)\s*1\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a site says of the addresses that a pattern fits. A longer pattern is the more special one."""

    pattern: re.Pattern[str]
    length: int
    reserved: bool


def rules_of(written: str) -> tuple[Rule, ...]:
    """The rules of a `tdmrep.json`; what is none is passed over."""
    try:
        listed = json.loads(written)
    except (ValueError, RecursionError):
        return ()
    blocks = listed if isinstance(listed, list) else [listed]
    return tuple(rule for block in blocks[:MOST_RULES] if (rule := _rule(block)))


def site_reserves(rules: Sequence[Rule], path: str) -> bool:
    """Whether the most special rule for `path` (with its query) reserves it."""
    fitting = [rule for rule in rules if rule.pattern.match(path)]
    return bool(fitting) and max(fitting, key=lambda rule: (rule.length, rule.reserved)).reserved


def reservation(header: str, *, page: html.HtmlElement | None = None, pdf: bytes = b"") -> str:
    """Which machine-readable reservation a document or its header makes, in words; empty where none does."""
    said = _meta(page, "tdm-reservation") if page is not None else None
    if said is None and _IN_PDF.search(pdf):
        said = "1"
    if said is not None:
        return "its meta data reserve text and data mining" if said.strip() == "1" else ""
    return "its header reserves text and data mining" if header.strip() == "1" else ""


def directive(robots_tag: str, page: html.HtmlElement | None = None) -> str:
    """The directive for robots that stands against keeping the text, in words; empty where none does."""
    for where, word in _said_to_us(robots_tag, page):
        if word in AGAINST:
            return f"its {where} say{'s' if where == 'header' else ''} {word!r} to robots"
    return ""


def unlisted(robots_tag: str, page: html.HtmlElement) -> bool:
    """Whether a page asks to stand in no index, not even with its title."""
    return any(word in ("noindex", "none") for _, word in _said_to_us(robots_tag, page))


def _said_to_us(robots_tag: str, page: html.HtmlElement | None) -> Iterator[tuple[str, str]]:
    metas = (_meta(page, "robots"), _meta(page, AGENT)) if page is not None else ()
    for where, written in (("header", robots_tag), *(("meta data", meta or "") for meta in metas)):
        yield from ((where, word) for word in _directives(written))


def _rule(block: Any) -> Rule | None:
    if not isinstance(block, Mapping):
        return None
    location, said = block.get("location"), str(block.get("tdm-reservation", "")).strip()
    if not isinstance(location, str) or not location.strip() or said not in ("0", "1"):
        return None
    written = location.strip()
    path = written if written.startswith(("/", "*")) else f"/{written}"
    if path.count("*") > MOST_STARS:
        path = path[: path.index("*") + 1]  # wider than written, never narrower
    return Rule(_pattern(path), len(path), said == "1")


def _pattern(path: str) -> re.Pattern[str]:
    """As in robots.txt: `*` is anything, `$` the end."""
    ends = path.endswith("$")
    pieces = re.split(r"\*+", path[:-1] if ends else path)
    return re.compile(".*?".join(map(re.escape, pieces)) + (r"\Z" if ends else ""), re.DOTALL)


def _meta(page: html.HtmlElement, name: str) -> str | None:
    found = [
        element.get("content") or ""
        for element in page.iter("meta")
        if (element.get("name") or "").strip().lower() == name
    ]
    return ", ".join(found) if found else None


def _directives(written: str) -> Iterator[str]:
    """The words that are meant for us. `otherbot: noindex, nofollow` names whom the rest of it is for."""
    for line in written.lower().split("\n"):
        ours = True
        for word in line.split(","):
            named = _NAMES_AGENT.fullmatch(word)
            if named and named[1] not in _WITH_VALUE:
                ours, word = named[1] in (AGENT, "*"), named[2]
            if ours:
                yield "nosnippet" if _NO_SNIPPET.fullmatch(word) else word.strip()
