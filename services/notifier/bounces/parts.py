"""Pure. Any bytes as a mail of parts: headers by name, contents decoded.

What arrives in a mailbox for bounces may be anything, and a pipe must not break on it. Python's `email` raises on
some of it (a boundary with a charset that is none, parts within parts by the thousand), so the little that a
bounce reader needs is read here: everything has a limit, and what is damaged is read as far as it goes.
"""

import re
from binascii import Error, a2b_base64, a2b_qp
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

Fields = tuple[tuple[str, str], ...]  # names in lower case, values on one line

LONGEST: Final = 8 << 20  # bytes of a mail that are looked at; reports stand at its beginning
DEEPEST: Final = 8  # multiparts within multiparts
MOST: Final = 100  # parts of a multipart; a tenth of the fields of a block
_HEAD: Final = 1 << 18  # bytes of headers
_VALUE: Final = 4000  # characters of a field: what looks through one may take the square of it
_BLANK: Final = re.compile(rb"\r?\n\r?\n")
_FOLD: Final = re.compile(r"\r?\n[ \t]+")
_FIELD: Final = re.compile(r"([!-9;-~]+)[ \t]*:(.*)")
_ENVELOPE: Final = re.compile(rb"\A(?:>?From [^\n]*\n)+")


@dataclass(frozen=True, slots=True)
class Part:
    """A mail or a part of one. `parts` are those of a multipart, `body` are the bytes as they came."""

    headers: Fields
    body: bytes
    parts: tuple["Part", ...] = ()

    def header(self, name: str) -> str:
        """The first one of a name, empty where there is none."""
        return next((value for known, value in self.headers if known == name), "")

    @property
    def kind(self) -> str:
        """The media type, in lower case."""
        return self.header("content-type").partition(";")[0].strip().lower() or "text/plain"

    def parameter(self, name: str) -> str:
        """Of the media type."""
        pattern = rf';\s*{name}\s*=\s*(?:"([^"]*)"|([^\s;"]+))'
        found = re.search(pattern, self.header("content-type"), re.IGNORECASE)
        return (found[1] or found[2] or "") if found else ""

    def content(self) -> bytes:
        """The body without its transfer encoding; as it came where that is damaged."""
        match self.header("content-transfer-encoding").strip().lower():
            case "quoted-printable":
                return a2b_qp(self.body)
            case "base64":
                try:
                    return a2b_base64(self.body)
                except Error:
                    return b""
        return self.body

    def text(self) -> str:
        return self.content().decode("utf-8", "replace").replace("\r\n", "\n")

    def leaves(self) -> Iterator["Part"]:
        """What is no multipart, in order; a mail within this one is a leaf."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


def read_mail(mail: bytes) -> Part:
    """A mail, with or without the line that a mailbox file begins it with."""
    return _part(_ENVELOPE.sub(b"", mail[:LONGEST], count=1), 0)


def read_fields(block: str) -> Fields:
    """The fields of a block of headers; what is none is left out."""
    lines = _FOLD.sub(" ", block[:_HEAD].replace("\0", " ")).splitlines()
    found = (match for line in lines if (match := _FIELD.fullmatch(line)))
    return tuple((match[1].lower(), match[2].strip()[:_VALUE]) for match in islice(found, 10 * MOST))


def _part(raw: bytes, depth: int) -> Part:
    head, body = _split(raw)
    part = Part(read_fields(head.decode("utf-8", "replace")), body)
    boundary = part.parameter("boundary").encode("utf-8", "replace")
    if not part.kind.startswith("multipart/") or not boundary or depth >= DEEPEST:
        return part
    return Part(part.headers, body, tuple(_part(each, depth + 1) for each in _pieces(body, boundary)))


def _split(raw: bytes) -> tuple[bytes, bytes]:
    """Headers and body; a part may begin with its empty line, and then has no headers."""
    if raw[:1] == b"\n" or raw[:2] == b"\r\n":
        return b"", raw.lstrip(b"\r\n")
    end = _BLANK.search(raw, 0, _HEAD)
    return (raw[: end.start()], raw[end.end() :]) if end else (raw, b"")


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    """What stands between the lines of a boundary; the last one may miss."""
    line = re.compile(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|\r?\Z)", re.MULTILINE)
    pieces: list[bytes] = []
    begun = -1
    for found in line.finditer(body):
        if begun >= 0:
            pieces.append(body[begun : found.start()])
        begun = -1 if found[1] else found.end()
        if found[1] or len(pieces) >= MOST:
            break
    if begun >= 0 and len(pieces) < MOST:
        pieces.append(body[begun:])
    return pieces
