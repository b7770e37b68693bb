"""Pure. Texts and addresses in a feed, as feedparser gives them."""

import re
from typing import Final
from urllib.parse import urljoin

from services.collector.plain.vocabulary import NotPlain

_SLASHES: Final = re.compile("^([A-Za-z][A-Za-z0-9+-.]*://)/*")
# an address that no base changes, nor the way in which it is put together
_IN_FULL: Final = re.compile(
    r"https?://[a-z0-9.-]+(?::\d+)?/[a-zA-Z0-9/._~%-]*(?:\?[a-zA-Z0-9/._~%=&-]+)?(?:#[a-zA-Z0-9._-]+)?"
)
_REFERENCE: Final = re.compile(r"&([A-Za-z0-9_]+);")
_WINDOWS: Final = re.compile("[\x80-\x9f]")
_MAIL: Final = re.compile(
    r"[a-zA-Z0-9_.+-]+@(?:[a-zA-Z0-9-]+\.)+[a-zA-Z]{2,4}(?:\s+\((?P<name>[^()@<>\[\]]*)\)|(?![^\s]))"
)


def cleaned(text: str) -> str:
    """A text as feedparser gives it: stripped, and read as UTF-8 where it was taken for Latin-1."""
    text = text.strip()
    if text.isascii():
        return text
    if _WINDOWS.search(text):
        raise NotPlain("characters of Windows-1252")
    try:
        return text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return text


def joined(base: str, text: str, *, always: bool = False) -> str:
    """An address in full; a text that is none is taken for the path of one, an empty one if `always`."""
    if not always and not (text := text.strip()):
        return ""
    if _IN_FULL.fullmatch(text):
        return text
    try:
        return urljoin(base, _SLASHES.sub(r"\1", text))
    except ValueError:
        return ""


def referenced(link: str) -> str:
    """`?a=1&b=2`, where another program took `&b` for a reference and wrote `&b;`."""
    return _REFERENCE.sub(r"&\g<1>", link)


def author(text: str) -> str:
    """The name of `address (name)`, or what is written where that is no address."""
    found = _MAIL.fullmatch(text)
    if "@" in text and not found:
        raise NotPlain("an author with an address of another form")
    return (found["name"] or "").strip() if found else text
