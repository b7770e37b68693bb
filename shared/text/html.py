"""Pure. Publishers' HTML: to plain text, or to the little markup that is safe to show.

Takes whatever a feed holds (fragments, whole pages, text without markup, binary rubbish) and never raises.
"""

import html
import re
from collections.abc import Iterator
from typing import Final

import nh3
from lxml import etree

from shared.text.tags import without_giant_tags
from shared.text.usual import usual_words

_BLOCKS: Final = frozenset(
    "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption"
    " figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol optgroup option p pre section"
    " summary table tbody tfoot thead tr ul".split()
)
_CELLS: Final = frozenset(("td", "th"))
_DROPPED: Final = frozenset(
    "script style head template noscript iframe object embed svg math canvas audio video textarea select".split()
)
_SHOWN: Final = frozenset(
    "p br ul ol li dl dt dd a em strong b i u s sub sup blockquote q code pre h2 h3 h4 h5 h6 abbr".split()
)

SANITISED_CHARACTERS: Final = 500_000  # the cleaner needs 40 s for 10 MB of entities
_DEPTH: Final = 200  # the parser gives an empty tree for markup nested about ten times as deep

# What XML cannot carry: control characters but tab and line ends, lone surrogates, non-characters.
_FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_MARKUP: Final = re.compile(r"<[a-zA-Z/!?]")
_TAG: Final = re.compile(r"<[a-zA-Z/!?][^<>]*>?")
_STRAY: Final = re.compile(r"<(?=[a-zA-Z/][^<>\"']*(?:<|\Z))")  # `a<b` never closes: no tag
_KNOWN: Final = (
    r"(?:a|abbr|acronym|b|big|blockquote|br|center|cite|code|dd|del|div|dl|dt|em|embed|figcaption|figure|font|h[1-6]|hr|i"
    r"|iframe|img|ins|kbd|li|mark|object|ol|p|picture|pre|q|s|samp|script|section|small|source|span|strike|strong"
    r"|style|sub|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|var|video|wbr)"
)
# what stands behind a letter alone is an attribute, or `a<b und c>d` would be a tag
_MORE: Final = r"(?:(?<!<[abipqsu])\s[^<>]*|\s+[^<>=\s]+\s*=[^<>]*|\s+)?"
_KNOWN_TAG: Final = re.compile(rf"</?{_KNOWN}{_MORE}/?>|<!--", re.IGNORECASE)
_NO_KNOWN_TAG: Final = re.compile(rf"<(?!/?{_KNOWN}{_MORE}/?>|!--)", re.IGNORECASE)


def doubtful_text(written: str) -> str:
    """The words of what may be markup or not, as in RSS, where nobody says.

    Tags that publishers use in texts are tags; what else looks like one (`<template>`, `a<b`) is a word.
    """
    if not _KNOWN_TAG.search(written):
        return tidy(html.unescape(_FORBIDDEN.sub(" ", written)))
    return plain_text(_NO_KNOWN_TAG.sub("&lt;", written))


def plain_text(markup: str) -> str:
    """The words of `markup`: entities decoded, blocks on lines of their own, scripts and styles left out."""
    markup = _STRAY.sub("&lt;", _FORBIDDEN.sub(" ", markup))
    if not _MARKUP.search(markup):
        return tidy(html.unescape(markup))
    usual = usual_words(markup)
    text = "".join(_pieces(markup)) if usual is None else usual
    if not text.strip() and _too_deep(markup):
        text = html.unescape(_TAG.sub(" ", markup))
    return tidy(text)


def sanitise(markup: str) -> str:
    """`markup` reduced to plain text elements and http(s) links, safe inside a page of ours.

    What stands behind the first `SANITISED_CHARACTERS` is cut off.
    """
    return nh3.clean(
        _FORBIDDEN.sub(" ", markup[:SANITISED_CHARACTERS]),
        tags=set(_SHOWN),
        clean_content_tags=set(_DROPPED - {"head"}),
        attributes={"a": {"href"}, "abbr": {"title"}},
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
    )


def _too_deep(markup: str) -> bool:
    return markup.count("<") > _DEPTH


def without_invisible(text: str) -> str:
    """Text without soft hyphens, marks of direction and other characters without a shape."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def tidy(text: str) -> str:
    """Text without what XML cannot carry and what nobody sees, its white space evened out."""
    # Decoded references may bring forbidden characters back.
    text = _INVISIBLE.sub("", _FORBIDDEN.sub(" ", text)).replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line for written in text.split("\n") if (line := " ".join(written.split())))


def _pieces(markup: str) -> Iterator[str]:
    """Text and breaks in document order. Line ends in the source are white space, as in a browser."""
    dropped = 0
    for event, element in _events(markup):
        tag = element.tag if isinstance(element.tag, str) else ""
        block = "\n" if tag in _BLOCKS else " " if tag in _CELLS else ""
        if event == "start":
            dropped += tag in _DROPPED
            if not dropped and tag:
                yield block
                yield _flat(element.text)
        else:
            dropped -= tag in _DROPPED
            if not dropped:
                yield block
                yield _flat(element.tail)


def _events(markup: str) -> Iterator[tuple[str, etree._Element]]:
    parser = etree.HTMLParser(encoding="utf-8", recover=True, huge_tree=True, remove_pis=True)
    try:
        root = etree.fromstring(without_giant_tags(markup).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:  # nothing but comments or an empty document
        return iter(())
    return iter(()) if root is None else etree.iterwalk(root, events=("start", "end", "comment"))


def _flat(text: str | None) -> str:
    return text.replace("\n", " ") if text else ""
