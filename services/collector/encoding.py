"""Pure. Bytes of a document to its text, whatever encoding they claim.

Claims are often wrong; bytes that are valid UTF-8 beyond ASCII are UTF-8 practically without exception.
"""

import codecs
import re
from typing import Final

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED: Final = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})")
_META: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
# Codecs for text of the web. Python knows others (`idna`, `unicode_escape`) that must not be reached from outside.
_WEB: Final = re.compile(
    r"(utf[-_]?8|utf[-_]?16|utf[-_]?32|ascii|iso8859|latin|cp125|cp43|cp85|cp866|koi8|mac|shift_jis|euc_|gb|big5|iso2022)"
)
_WESTERN: Final = "cp1252"  # what `iso-8859-1` and `us-ascii` mean on the web (WHATWG)
_BROKEN: Final = 0.05  # share of unreadable characters among the non-ASCII ones up to which text is UTF-8


def decode(body: bytes, content_type: str = "") -> str:
    """The text of `body`. Never raises: what cannot be read becomes U+FFFD."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) if encoding == "utf-8" else 0 :].decode(encoding, "replace")
    if body[:4] in (b"<\x00?\x00", b"<\x00r\x00", b"\x00<\x00?", b"\x00<\x00r"):
        return body.decode("utf-16-le" if body[:1] == b"<" else "utf-16-be", "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_claimed(body, content_type)


def _decode_claimed(body: bytes, content_type: str) -> str:
    if claimed := _DECLARED.search(body[:1000]):
        encoding = _codec(claimed[1].decode("ascii"))
    elif charset := _CHARSET.search(content_type):
        encoding = _codec(charset[1])
    elif meta := _META.search(body[:4000]):
        encoding = _codec(meta[1].decode("ascii"))
    else:
        encoding = None
    if encoding in (None, "utf-8"):
        return _damaged(body)
    return body.decode(encoding or _WESTERN, "replace")


def _codec(name: str) -> str | None:
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    if found in ("iso8859-1", "ascii", "latin_1"):
        return _WESTERN
    return found if _WEB.match(found) else None


def _damaged(body: bytes) -> str:
    """UTF-8 with a few bad bytes, as a cut in the middle of a character leaves them, else western."""
    text = body.decode("utf-8", "replace")
    beyond = sum(1 for character in text if character > "\x7f")
    return (
        text
        if text.count("\ufffd") <= max(1, beyond * _BROKEN) and beyond > 1
        else body.decode(_WESTERN, "replace")
    )
