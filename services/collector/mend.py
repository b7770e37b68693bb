"""Pure. Looks at a document before it is parsed: what is it, and what of it would break a strict XML parser?

Mending first has two gains: nearly every feed then passes the strict parser, which is quick and exact, and a
document type (entity bombs, external entities) never reaches any parser.
"""

import re
from dataclasses import dataclass
from html.entities import html5
from typing import Final

from services.collector.bounds import check_tags
from shared.errors import NotAFeed

FEED_ROOTS: Final = frozenset(("rss", "feed", "rdf", "channel"))
MOST_REFERENCES: Final = 2_000_000  # ampersands
MOST_TRIES: Final = 100_000  # things before the root element that are none
MOST_MARKUP: Final = 300_000  # angle brackets: far beyond any feed of 10 MB, and seconds, not minutes, to parse

_START: Final = re.compile(r"<(\?xml\b|!DOCTYPE\b|(?:\w+:)?(?:rss|feed|rdf)\b)", re.IGNORECASE)
_HTML: Final = re.compile(r"<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_TITLE: Final = re.compile(r"<title[^>]{0,200}>([^<]{1,300})", re.IGNORECASE)
_ROOT: Final = re.compile(r"<(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*)")
_REFERENCE: Final = re.compile(r"&(#x[0-9a-fA-F]{1,6};|#[0-9]{1,7};|[A-Za-z][A-Za-z0-9]{0,31};)?")
# beside a guid that is the address, parsers would take the empty one
_EMPTY_LINK: Final = re.compile(r"<link\s*/>|<link>\s*(?:n/a|none|null)?\s*</link\s*>", re.IGNORECASE)
_PERMALINK: Final = re.compile(r"""(\bisPermaLink\s*=\s*["'])\s*true\s*(?=["'])""", re.IGNORECASE)
_ENTRY: Final = re.compile(r"<(item|entry)\b.*?</\1\s*>", re.DOTALL)
_OWN_WORDS: Final = re.compile(r"<(description|summary|content|content:encoded)\b")
_CAPTION: Final = re.compile(r"<media:description\b(?:[^>]*/>|.*?</media:description\s*>)", re.DOTALL)
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# An entity made of others, or one that stands in another file: no feed needs them, and bombs are made of them.
_BOMB: Final = re.compile(r"""<!ENTITY\s+[^\s>]+\s+(?:SYSTEM\b|PUBLIC\b|"[^"]*&\w+;|'[^']*&\w+;)""")
_XML_ENTITIES: Final = frozenset(("amp;", "lt;", "gt;", "quot;", "apos;"))
_OTHERS: Final = (
    ("%PDF", "a PDF document"),
    ("PK\x03", "a ZIP archive"),
    ("GIF8", "a picture"),
    ("\ufffdPNG", "a picture"),
)


@dataclass(frozen=True, slots=True)
class Markup:
    """A document ready for a strict parser: the name of its root in lower case, and the mended text from there."""

    root: str
    text: str


def mend(text: str, most: int = MOST_MARKUP) -> Markup:
    """`text` without what precedes the root, without document type, with references that every parser knows.

    Raises NotAFeed, saying what the document looks like, where there is no markup of a feed or sitemap in it, and
    for more than `most` tags.
    """
    text = _CONTROL.sub(" ", text.lstrip("\ufeff"))
    root, start = _root(text)
    if root in ("", "html"):
        raise NotAFeed(looks_like(text))
    if text.count("<") > most:
        raise NotAFeed(f"the document has more than {most:,} tags; no feed needs so many")
    if text.count("&") > MOST_REFERENCES:
        raise NotAFeed(f"the document has more than {MOST_REFERENCES:,} references; no feed needs so many")
    check_tags(text)
    if _BOMB.search(text[:start]):
        raise NotAFeed("the document declares entities made of other entities or of files, which no feed needs")
    mended = _told_permalinks(_with_known_references(text[start:]))
    return Markup(root, _without_captions(_EMPTY_LINK.sub("", mended)))


def looks_like(text: str) -> str:
    """What a document that is no feed is, in words for people."""
    shown = text.strip()
    if not shown:
        return "the document is empty"
    for start, name in _OTHERS:
        if shown.startswith(start):
            return f"this is {name}, not a feed"
    if _HTML.search(shown[:20_000]):
        title = _TITLE.search(shown[:50_000])
        named = f" titled {' '.join(title[1].split())[:80]!r}" if title else ""
        return f"this is an HTML page{named}, not a feed"
    return f"this is not a feed; it begins with {' '.join(shown[:60].split())!r}"


def _root(text: str) -> tuple[str, int]:
    """The local name of the root element in lower case and where it begins; an empty name without one."""
    at = _first_markup(text)
    for _ in range(MOST_TRIES):
        at = text.find("<", at)
        if at < 0:
            break
        if text.startswith("<!--", at):
            at = _after(text, "-->", at)
        elif text.startswith("<?", at):
            at = _after(text, "?>", at)
        elif text[at : at + 9].upper() == "<!DOCTYPE":
            if _HTML.match(text, at):
                return "html", at
            at = _after_doctype(text, at)
        elif found := _ROOT.match(text, at):
            return found[2].lower(), at
        else:
            at += 1
    return "", len(text)


def _first_markup(text: str) -> int:
    """Where the XML begins: warnings of a PHP server, blank lines or other text may stand before it."""
    found = _START.search(text[:20_000])
    if found is None or (_HTML.search(text[: found.start()]) and not found[0].lower().startswith("<!doctype")):
        return 0
    return found.start()


def _after(text: str, end: str, at: int) -> int:
    found = text.find(end, at)
    return len(text) if found < 0 else found + len(end)


def _after_doctype(text: str, at: int) -> int:
    """Behind the document type, its internal subset included."""
    subset, end = text.find("[", at), text.find(">", at)
    if 0 <= subset < end:
        return _after(text, ">", _after(text, "]", subset))
    return _after(text, ">", at)


def _with_known_references(text: str) -> str:
    """References as characters, outside of CDATA sections, where an ampersand is an ampersand."""
    pieces, at = [], 0
    while (start := text.find("<![CDATA[", at)) >= 0:
        end = _after(text, "]]>", start)
        pieces += [_REFERENCE.sub(_known_reference, text[at:start]), text[start:end]]
        at = end
    return "".join((*pieces, _REFERENCE.sub(_known_reference, text[at:])))


def _told_permalinks(text: str) -> str:
    """`isPermaLink="True"`, as Python spells it, in the only spelling that parsers know."""
    return _PERMALINK.sub(r"\1true", text) if "True" in text or "TRUE" in text else text


def _without_captions(text: str) -> str:
    """Without the captions of pictures, in entries that have words of their own: parsers take them for these."""
    if "media:description" not in text:
        return text
    return _ENTRY.sub(lambda found: _CAPTION.sub("", found[0]) if _OWN_WORDS.search(found[0]) else found[0], text)


def _known_reference(found: re.Match[str]) -> str:
    name = found[1]
    if not name:
        return "&amp;"
    if name in _XML_ENTITIES:
        return found[0]
    if name.startswith("#"):
        return found[0] if _is_xml_character(name) else " "
    return html5.get(name, f"&amp;{name}")


def _is_xml_character(reference: str) -> bool:
    code = int(reference[2:-1], 16) if reference[1] in "xX" else int(reference[1:-1])
    return code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
