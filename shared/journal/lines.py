"""Pure. The lines of a journal: its head, the mark that is written over, and what must not be forgotten.

Subjects stand here as hashes under the journal's own key, never as addresses or ids. The ids are random and never
given twice, so that no guess finds them; a key of the database would not do, for one that is restored knows only
the keys of its own time.
"""

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

FORMAT: Final = 1
MARK: Final = 192  # bytes of the mark's line; it is written over in place, and one sector holds it


class Said(StrEnum):
    """What a line says of its subject: a subscription, or a way beside its mails; with `erased` a person."""

    ENDED = "ended"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    ERASED = "erased"


_FOR_EVER: Final = (Said.ENDED, Said.ERASED)


class About(StrEnum):
    """What a subject is; ways are known by the name of a feed's address, and by the id of a webhook."""

    SUBSCRIPTION = "subscription"
    PERSON = "person"
    FEED = "feed"
    WEBHOOK = "webhook"


class Unreadable(Exception):
    """What stands there is no journal, or was damaged."""


@dataclass(frozen=True, slots=True)
class Head:
    """Which journal, of which store, under which key."""

    journal: str
    store: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mark:
    """The newest generation that the journal knows, and when (database time) it learned of it.

    `mails` counts the mails of which the store remembers how they ended. It is written without waiting for the
    disk, and so says something only to the run of the machine (`boot`) that wrote it.
    """

    generation: int
    at: datetime
    mails: int = 0
    boot: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: what happened, and to whom."""

    said: Said
    subject: str


@dataclass(frozen=True, slots=True)
class Content:
    """A journal as it stands in its file."""

    head: Head
    mark: Mark
    entries: tuple[Entry, ...]


def entry(key: bytes, said: Said, id_: str, about: About = About.SUBSCRIPTION) -> Entry:
    """The line that says it of the one with this id; who is erased is a person."""
    kind = About.PERSON if said is Said.ERASED else about
    return Entry(said, hmac.digest(key, f"{kind}\0{id_}".encode(), sha256)[:16].hex())


def standing(entries: Iterable[Entry]) -> Mapping[tuple[str, bool], Entry]:
    """What holds after all lines: of suspended and resumed the last one, and nothing undoes the others."""
    return {(each.subject, each.said in _FOR_EVER): each for each in entries}


def head_line(head: Head) -> bytes:
    about = {"vigie": "journal", "format": FORMAT, "id": head.journal, "store": head.store, "key": head.key.hex()}
    return json.dumps(about).encode() + b"\n"


def mark_line(mark: Mark) -> bytes:
    fields = {"generation": mark.generation, "at": mark.at.isoformat(), "mails": mark.mails, "boot": mark.boot}
    text = json.dumps(fields)
    return text.encode().ljust(MARK - 1) + b"\n"


def entry_lines(entries: Iterable[Entry]) -> bytes:
    return b"".join(json.dumps({each.said: each.subject}).encode() + b"\n" for each in entries)


def written(content: Content) -> bytes:
    """The whole file."""
    return head_line(content.head) + mark_line(content.mark) + entry_lines(content.entries)


def read(raw: bytes) -> Content:
    """What a file says. A last line without its end was cut off by a crash and is left out. Raises Unreadable."""
    lines = raw.split(b"\n")[:-1]
    try:
        if len(lines) < 2:
            raise ValueError("it has no head")
        head, mark = json.loads(lines[0]), json.loads(lines[1])
        if head["vigie"] != "journal" or head["format"] != FORMAT:
            raise ValueError("it is no journal of this format")
        return Content(
            Head(head["id"], head["store"], bytes.fromhex(head["key"])),
            Mark(
                int(mark["generation"]),
                datetime.fromisoformat(mark["at"]),
                int(mark.get("mails", 0)),
                str(mark.get("boot", "")),
            ),
            tuple(_entries(map(json.loads, lines[2:]))),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(str(error)) from error


def _entries(lines: Iterable[dict[str, Any]]) -> Iterator[Entry]:
    for line in lines:
        ((said, about),) = line.items()
        yield Entry(Said(said), str(about))
