"""Pure. A mail as bytes, every byte ours.

Python's `EmailMessage` writes a long List-Unsubscribe as RFC 2047 encoded words, which no mail provider reads as
a URL (`policy.default` of 3.11), and other policies fold it. So header lines are written here: values are ASCII,
encoded already where they must be, on one line except for the Subject, without a line break of anybody else's.
"""

import re
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import Header
from email.utils import formataddr, parseaddr
from functools import lru_cache
from typing import Final

from shared.errors import Unprocessable

LONGEST_LINE: Final = 990  # RFC 5322 allows 998 bytes
_BREAKS: Final = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")  # not U+00A0, which French needs
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0a-\x1f]")
_FOLDED: Final = re.compile(r"\r\n(?=[ \t])")


@dataclass(frozen=True, slots=True)
class Mail:
    """A finished mail. `sender` and `recipient` are the addresses of the envelope.

    Raises Unprocessable for a header that no mail may have.
    """

    delivery: str
    sender: str
    recipient: str
    headers: Sequence[tuple[str, str]]
    text: str
    html: str
    language: str

    def __post_init__(self) -> None:
        for name, value in self.headers:
            _check(name, value)

    def as_bytes(self) -> bytes:
        """The mail with CRLF lines, all ASCII: no relay recodes it, and a signature on it holds to the end."""
        boundary = f"=_{self.delivery}"  # "=_" stands in no quoted-printable text, and a delivery's id in no other
        lines = [f"{name}: {value}" for name, value in self.headers]
        lines += ["MIME-Version: 1.0", f'Content-Type: multipart/alternative; boundary="{boundary}"', ""]
        for kind, content in (("plain", self.text), ("html", self.html)):
            if content:
                lines += [f"--{boundary}", f'Content-Type: text/{kind}; charset="utf-8"']
                lines += ["Content-Transfer-Encoding: quoted-printable", f"Content-Language: {self.language}", ""]
                lines.append(_quoted_printable(content))
        lines += [f"--{boundary}--", ""]
        return "\r\n".join(lines).encode("ascii")


@lru_cache(maxsize=256)  # news go to many readers at once
def encoded_subject(subject: str) -> str:
    """A subject as RFC 2047 wants it: as it is where that is plain ASCII and fits, else in encoded words."""
    clean = _BREAKS.sub(" ", subject).strip()
    if clean.isascii() and clean.isprintable() and "=?" not in clean and len(clean) <= 200:
        return clean
    return Header(clean, "utf-8", header_name="Subject").encode(linesep="\r\n")


@lru_cache(maxsize=16)
def encoded_sender(sender: str) -> tuple[str, str]:
    """(the From header, the bare address) of a setting like `Vigie <vigie@example.org>`."""
    name, address = parseaddr(sender)
    return formataddr((name, address), "utf-8"), address


def _check(name: str, value: str) -> None:
    if not value.isascii() or _FORBIDDEN.search(_FOLDED.sub("", value)):
        raise Unprocessable(f"the value of the header {name} holds a character that no header may hold")
    if max(map(len, value.split("\r\n"))) > LONGEST_LINE:
        raise Unprocessable(f"the value of the header {name} is too long")


def _quoted_printable(content: str) -> str:
    """Short lines. One that begins with "From " would gain a > where mail lies in an mbox."""
    encoded = "\n" + b2a_qp("\n".join(content.splitlines()).encode()).decode("ascii")
    return encoded.replace("\nFrom ", "\n=46rom ").replace("\n", "\r\n").removeprefix("\r\n")
