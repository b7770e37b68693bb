"""Pure. The bytes of a mail to what we read of it: who sent it, what it is called, its two bodies.

Python's modern header classes take minutes for headers made to that end; so headers are read raw, and decoded
here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256
from itertools import islice
from typing import Final

from services.collector.encoding import decode
from services.collector.entries import primary_subtag
from shared.errors import BadInput

MOST_PARTS: Final = 300
MOST_HTML: Final = 3_000_000  # letters that are read
MOST_TEXT: Final = 300_000
LONGEST_HEADER: Final = 20_000
MOST_RECIPIENTS: Final = 50  # that are looked for in texts and links
MOST_FIELDS: Final = 50  # of one name
_ADDRESS: Final = re.compile(r"[^\s@<>]{1,64}@[A-Za-z0-9.-]{1,253}")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT: Final = re.compile(r"\([^()]*\)")
_MESSAGE_ID: Final = re.compile(r"<\s*([^<>\s]{1,300})\s*>")
_URL: Final = re.compile(r"<\s*(https?://[^<>\s]{1,2000})\s*>", re.IGNORECASE)
_TO: Final = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
_PREFIX: Final = re.compile(r"^(\s*(fwd?|wg|tr|re|aw|rv|i)\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail. `id` is its Message-ID, else made of its content. `sender` is the address of its only From.

    `senders` counts the addresses there: with several nobody can say who it is of. `results` are its
    Authentication-Results, each with the number of servers that had it before (Received above it).
    `recipients` are the addresses and names of whom it came to, `leave` the addresses for leaving the list.
    `attached` are mails that were forwarded whole.
    """

    id: str
    sender: str
    senders: int
    subject: str
    sent: datetime | None
    html: str
    text: str
    language: str | None = None
    results: tuple[tuple[int, str], ...] = ()
    recipients: frozenset[str] = frozenset()
    leave: tuple[str, ...] = ()
    automatic: bool = False
    attached: tuple["Mail", ...] = ()

    @property
    def domain(self) -> str:
        """The sender's domain."""
        return self.sender.rpartition("@")[2]


def read_mail(raw: bytes) -> Mail:
    """Raises BadInput for what cannot be read."""
    try:
        return _mail(message_from_bytes(raw), sha256(raw).hexdigest()[:32], deep=False)
    except RecursionError as error:
        raise BadInput("its parts are nested too deeply to be read") from error


def looks_like_mail(raw: bytes) -> bool:
    """Whether a saved document begins with the headers of a mail."""
    head = raw[:65_536].lstrip(b"\r\n").partition(b"\n\n")[0].partition(b"\r\n\r\n")[0]
    names = {name.lower() for name in re.findall(rb"(?m)^([A-Za-z][A-Za-z0-9-]{1,60}):", head)}
    return re.match(rb"[A-Za-z][A-Za-z0-9-]{1,60}:|From ", head) is not None and {b"from", b"date"} <= names


def _mail(message: Message, digest: str, *, deep: bool) -> Mail:
    headers = _Headers(message)
    bodies = _Bodies(message, deep=deep)
    senders = headers.senders
    found = _MESSAGE_ID.search(headers.first("message-id"))
    return Mail(
        id=found[1] if found else f"{digest}@no-message-id",
        sender=senders[0].lower() if senders else "",
        senders=len(senders),
        subject=_PREFIX.sub("", headers.words("subject"))[:500].strip(),
        sent=_date(headers.first("date")),
        html="\n".join(bodies.html)[:MOST_HTML],
        text="\n\n".join(bodies.text)[:MOST_TEXT],
        language=primary_subtag(headers.first("content-language")),
        results=headers.results,
        recipients=frozenset(islice(_recipients(headers), MOST_RECIPIENTS)),
        leave=tuple(
            url
            for name in ("list-unsubscribe", "list-subscribe", "list-archive", "list-help")
            for url in _URL.findall(headers.first(name))
        ),
        automatic=_is_automatic(message, headers),
        attached=tuple(bodies.attached),
    )


class _Headers:
    """The fields of a mail, as written."""

    def __init__(self, message: Message) -> None:
        self._fields = [
            (name.lower(), str(value)) for name, value in message.raw_items()
        ]  # as it stands: `get` would wrap what is not ASCII

    def all(self, name: str) -> list[str]:
        found = (_text(value) for key, value in self._fields if key == name)
        return [value for _, value in zip(range(MOST_FIELDS), found, strict=False)]

    def first(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    def words(self, name: str) -> str:
        return _words(self.first(name))

    def addresses(self, *names: str) -> Iterator[tuple[str, str]]:
        """(name, address) of each of the fields."""
        written = [value for name in names for value in self.all(name)]
        for name, address in getaddresses(written):
            if _ADDRESS.fullmatch(address):
                yield _words(name), address

    @property
    def senders(self) -> tuple[str, ...]:
        """Every address in every From, but those that are only somebody's name in quotation marks.

        Programs differ in what they make of an address in front of another one: it counts, and none is believed.
        """
        written = (_COMMENT.sub(" ", _QUOTED.sub(" ", value)) for value in self.all("from"))
        return tuple(address for value in written for address in _ADDRESS.findall(value))

    @property
    def results(self) -> tuple[tuple[int, str], ...]:
        """The Authentication-Results, each with how many Received stand above it.

        What the sender wrote himself stands below all that the servers on the way have written.
        """
        found: list[tuple[int, str]] = []
        hops = 0
        for name, value in self._fields:
            hops += name == "received"
            if name == "authentication-results" and len(found) < MOST_FIELDS:
                found.append((hops, _text(value)))
        return tuple(found)


class _Bodies:
    """The HTML and the plain text of a mail, without attachments, and the mails that are attached whole."""

    def __init__(self, message: Message, *, deep: bool) -> None:
        self.html: list[str] = []
        self.text: list[str] = []
        self.attached: list[Mail] = []
        stack, seen = [message], 0
        while stack and seen < MOST_PARTS:
            part, seen = stack.pop(), seen + 1
            if part.get_content_type() == "message/rfc822":
                self._attach(part, deep=deep)
            elif part.is_multipart():
                stack.extend(reversed([each for each in part.get_payload() if isinstance(each, Message)]))
            elif part.get_content_disposition() != "attachment":
                self._take(part)

    def _take(self, part: Message) -> None:
        kind = part.get_content_type()
        if kind not in ("text/html", "text/plain"):
            return
        words = _payload(part)
        if not words.strip():
            return
        # where there are several, the first is the mail, and what follows a mailing list's footer
        (self.html if kind == "text/html" else self.text).append(words)

    def _attach(self, part: Message, *, deep: bool) -> None:
        inner = part.get_payload()
        if not deep and isinstance(inner, list) and inner and isinstance(inner[0], Message):
            self.attached.append(
                _mail(inner[0], sha256(repr(inner[0].items()).encode()).hexdigest()[:32], deep=True)
            )


def _payload(part: Message) -> str:
    """The words of a part: transfer encoding undone, the charset taken for a claim."""
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError):  # what claims to be uuencode
        content = str(part.get_payload()).encode("utf-8", "surrogateescape")
    if not isinstance(content, bytes):
        return ""
    charset = part.get_param("charset") or ""
    name = charset[2] if isinstance(charset, tuple) else charset
    return decode(content, f"charset={name}").replace("\r\n", "\n")


def _text(raw: str) -> str:
    """A field as text, its folds undone. Bytes beyond ASCII are what they look like."""
    plain = (
        decode(raw[:LONGEST_HEADER].encode("ascii", "surrogateescape"))
        if not raw.isascii()
        else raw[:LONGEST_HEADER]
    )
    return re.sub(r"\r?\n[ \t]?", " ", plain).strip()


def _words(written: str) -> str:
    """A field with its encoded words (RFC 2047) decoded, each in its own charset."""
    if "=?" not in written:
        return " ".join(written.split())
    try:
        pieces = decode_header(written)
    except (HeaderParseError, ValueError):
        return " ".join(written.split())
    return " ".join("".join(_piece(content, charset) for content, charset in pieces).split())


def _piece(content: bytes | str, charset: str | None) -> str:
    if isinstance(content, str):
        return content
    if charset is None:
        return content.decode("ascii", "replace")
    return decode(content, f"charset={charset}")


def _date(written: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(written)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _recipients(headers: _Headers) -> Iterable[str]:
    """Addresses and names; a name at the sender's own domain is that of the list."""
    theirs = {sender.rpartition("@")[2].lower() for sender in headers.senders}
    for name, address in headers.addresses(*_TO):
        yield address.lower()
        if len(name) > 5 and " " in name and address.rpartition("@")[2].lower() not in theirs:
            yield name.lower()


def _is_automatic(message: Message, headers: _Headers) -> bool:
    """Whether a program answers, or says that a mail did not arrive."""
    said = headers.first("auto-submitted").lower()
    return said.startswith("auto-replied") or message.get_content_type() == "multipart/report"
