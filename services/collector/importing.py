"""Brings old items from a JSON Lines file into the archive, on the bulk lane: they mail nobody.

Resumable: after every durable batch the position is written to a small file; and repeating a line changes nothing,
because its item id, its words and its time are the same.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final

from services.collector.contacts import without_contacts
from services.collector.dates import Dated, read_date, zone_of
from services.collector.decide import SourceFacts
from services.collector.entries import LONGEST_RAW, one_line, primary_subtag
from services.collector.identify import MOST_TEXT
from services.collector.poll import STAGE
from shared.bus import BULK, COLLECTED, Bus
from shared.clock import Clock
from shared.errors import BadInput
from shared.events import encode
from shared.identity import canonical_url, content_hash, item_id_for_url
from shared.items import CollectedItem, Purpose
from shared.jsonlines import json_object
from shared.sources.store import SourceHealth

BATCH: Final = 200
LONGEST_LINE: Final = 10_000_000
LONGEST_SOURCE: Final = 64


@dataclass(frozen=True, slots=True)
class Position:
    """How far an import came: bytes and lines read, items sent, lines refused."""

    offset: int = 0
    line: int = 0
    sent: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What one batch did: the position after it, and the refused lines with their numbers and reasons."""

    position: Position
    refused: tuple[tuple[int, str], ...]


class Bookmark:
    """Where the position of an import is kept. A file that was changed since begins anew."""

    def __init__(self, folder: Path, file: Path) -> None:
        status = file.stat()
        name = f"{file.resolve()}\n{status.st_size}\n{status.st_mtime_ns}"
        self._path = folder / f"{sha256(name.encode()).hexdigest()[:24]}.json"

    def read(self) -> Position:
        try:
            return Position(**json.loads(self._path.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return Position()

    def write(self, position: Position) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        values = {name: getattr(position, name) for name in ("offset", "line", "sent", "bad")}
        fresh.write_text(json.dumps(values), "utf-8")
        fresh.replace(self._path)

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)


def facts_of(sources: Iterable[SourceHealth]) -> Mapping[str, SourceFacts]:
    """What lines that name these sources take over from them: language, country, organisation."""
    return {one.id: SourceFacts(one.id, one.name, one.organisation, one.country, one.languages) for one in sources}


def import_lines(
    file: BinaryIO,
    bus: Bus,
    start: Position,
    sources: Mapping[str, SourceFacts],
    known_at: datetime,
    clock: Clock,
) -> Iterator[Step]:
    """Send the lines from `start` on, batch by batch; each step is durable when it is yielded.

    `known_at` is when the file was written: what was collected later than that is not overwritten.
    """
    position = start
    if start.offset:  # a pipe has one direction
        file.seek(start.offset)
    while lines := _lines(file):
        items, refused = _read(lines, position.line, sources, known_at)
        bulk = [encode(item, purpose=Purpose.BACKFILL, stage=STAGE, now=clock.now()) for item in items]
        bus.publish(COLLECTED + BULK, bulk)
        position = Position(
            position.offset + sum(map(len, lines)),
            position.line + len(lines),
            position.sent + len(items),
            position.bad + len(refused),
        )
        yield Step(position, tuple(refused))


def item_of_line(line: bytes, sources: Mapping[str, SourceFacts], known_at: datetime) -> CollectedItem:
    """The item that a line describes. Raises BadInput with what is wrong."""
    return _item(json_object(line), sources, known_at)


def _item(record: Mapping[str, Any], sources: Mapping[str, SourceFacts], known_at: datetime) -> CollectedItem:
    source = _text(record, "source")
    if len(source) > LONGEST_SOURCE:
        raise BadInput(f"`source` is longer than {LONGEST_SOURCE} characters")
    facts = sources.get(source) or SourceFacts(source)
    title, url = one_line(_text(record, "title")), canonical_url(_text(record, "url"))
    text = _text(record, "text", may_be_empty=True).encode("utf-8", "replace")
    kept = text[:MOST_TEXT].decode("utf-8", "ignore").strip()
    dated, written = _published(record, facts)
    return CollectedItem(
        item_id=item_id_for_url(url),
        source=source,
        source_name=facts.name,
        organisation=facts.organisation,
        country=facts.country,
        languages=facts.languages,
        declared_language=primary_subtag(record.get("lang") if isinstance(record.get("lang"), str) else None),
        url=url,
        title=title,
        text=without_contacts(kept),
        truncated=len(text) > MOST_TEXT,
        published=dated.moment if dated else None,
        published_on=dated.day if dated else None,
        published_raw=written,
        fetched_at=known_at,
        content_hash=content_hash(title, "", kept),
    )


def _published(record: Mapping[str, Any], source: SourceFacts) -> tuple[Dated | None, str | None]:
    written = record.get("published")
    if written is None or written == "":
        return None, None
    dated = read_date(written, zone_of(source.country)) if isinstance(written, str) else None
    if dated is None:
        raise BadInput(f"`published` is {str(written)[:60]!r}, which is no date")
    return dated, str(written)[:LONGEST_RAW]


def _text(record: Mapping[str, Any], key: str, *, may_be_empty: bool = False) -> str:
    value = record.get(key)
    if not isinstance(value, str):
        raise BadInput(f"`{key}` is missing" if value is None else f"`{key}` is not text")
    if not value.strip() and not may_be_empty:
        raise BadInput(f"`{key}` is empty")
    return value.strip().encode("utf-8", "replace").decode()  # JSON can spell half a surrogate pair


def _lines(file: BinaryIO) -> list[bytes]:
    """Up to a batch of lines. An endless line comes in pieces, none of which is valid JSON."""
    lines: list[bytes] = []
    while len(lines) < BATCH and (line := file.readline(LONGEST_LINE)):
        lines.append(line)
    return lines


def _read(
    lines: Sequence[bytes], before: int, sources: Mapping[str, SourceFacts], known_at: datetime
) -> tuple[list[CollectedItem], list[tuple[int, str]]]:
    items: list[CollectedItem] = []
    refused: list[tuple[int, str]] = []
    for number, line in enumerate(lines, before + 1):
        if not line.strip():
            continue
        try:
            items.append(item_of_line(line, sources, known_at))
        except BadInput as error:
            refused.append((number, str(error)))
    return items, refused
