"""Pure. The words of markup as editors' software writes it, without a parser: the quick way of `shared.text.html`.

Tags of a short list, each closed where it belongs, attributes in double quotes, references that all parsers know:
of such markup the parser makes nothing but what is written. Whatever differs goes the long way.
"""

import re
from collections.abc import Iterable
from html import unescape
from html.entities import html5, name2codepoint
from typing import Final

LONGEST: Final = 20_000  # characters; from there on tags are looked at more closely
DEEPEST: Final = 50  # elements in one another

_TAG: Final = re.compile(r"<(/?)([a-z][a-z0-9]*)(?: [a-z-]+=\"[^\"<>]*\")* ?(/?)>")
_BREAK: Final = re.compile(r"</?(?:p|h[1-6r]|br|ul|ol|li|div|blockquote)\b[^>]*>")
_OTHER: Final = re.compile(r"<[^>]*>")
_REFERENCE: Final = re.compile(r"&(?:#(1[6-9]\d|[2-9]\d\d|[1-9]\d{3})|([A-Za-z][A-Za-z0-9]*));")
_NAMES: Final = frozenset(name for name, code in name2codepoint.items() if html5[f"{name};"] == chr(code))

_LINES: Final = frozenset("p h1 h2 h3 h4 h5 h6".split())  # hold words alone
_LISTS: Final = frozenset(("ul", "ol"))
_HOLDERS: Final = frozenset(("", "li", "div", "blockquote"))  # may hold anything; the empty one is the whole
_WORDS: Final = frozenset("a strong b em i u sub sup small".split())
_ALONE: Final = frozenset(("br", "hr", "img"))
_IN_LINES: Final = _WORDS | {"br", "img"}
_IN_HOLDERS: Final = _WORDS | _ALONE | _LINES | _LISTS | {"div", "blockquote"}


def usual_words(markup: str) -> str | None:
    """The words, with line ends where blocks begin and end; None where the markup is not of the usual kind."""
    if len(markup) >= LONGEST or "\r" in markup:
        return None
    tags = _TAG.findall(markup)
    if not len(tags) == markup.count("<") == markup.count(">") or not _well_nested(tags):
        return None
    text = _OTHER.sub("", _BREAK.sub("\n", markup.replace("\n", " ")))
    return text if "&" not in text else unescape(text) if _all_known(text) else None


def _all_known(text: str) -> bool:
    """Whether all references in it are such as mean the same to everybody."""
    found = _REFERENCE.findall(text)
    return len(found) == text.count("&") and all(not name or name in _NAMES for _, name in found)


def _well_nested(tags: Iterable[tuple[str, str, str]]) -> bool:
    open_: list[str] = [""]
    for closes, name, empty in tags:
        if closes:
            if open_[-1] != name or empty:
                return False
            open_.pop()
        elif not _may_stand(name, open_[-1]) or len(open_) > DEEPEST:
            return False
        elif name not in _ALONE:
            if empty:
                return False
            open_.append(name)
    return len(open_) == 1


def _may_stand(name: str, inside: str) -> bool:
    if inside in _LISTS:
        return name == "li"
    if inside in _HOLDERS:
        return name in _IN_HOLDERS
    return name in _IN_LINES
