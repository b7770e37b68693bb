"""Bring old items into the archive: JSON Lines with {"title", "text", "url", "published", "source", "lang"?}.

They enter as backfill and mail nobody. A line that cannot be used is reported by its number and the rest goes in.
An import that was interrupted goes on where it was, unless it came from standard input (-); one that is repeated
changes nothing.

example: vigie import press-archive.jsonl
example: zcat press-archive.jsonl.gz | vigie import -
exit codes: 0 every line went in; 1 some lines were refused, or the file cannot be read; 3 the bus does not answer
"""

import argparse
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from services.cli.shown import counted
from shared.bus import TOPICS, Bus
from shared.clock import SystemClock
from shared.config import Settings
from shared.wiring import open_bus, open_store

if TYPE_CHECKING:
    from services.collector.decide import SourceFacts
    from services.collector.importing import Position


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE.jsonl", help="a file, or - for standard input")
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    sources = _sources(settings)
    bus = open_bus(settings)
    try:
        bus.ensure_topics(TOPICS)
        done = _import_piped(bus, sources) if str(args.file) == "-" else _import(args.file, bus, sources, settings)
    except OSError as error:
        print(f"vigie import: {args.file} cannot be read: {error.strerror}", file=sys.stderr)
        return 1
    finally:
        bus.close()
    if args.json:
        print(json.dumps({"lines": done.line, "sent": done.sent, "refused": done.bad}))
    else:
        sent, lines, refused = counted(done.sent, "item"), counted(done.line, "line"), counted(done.bad, "line")
        print(f"{sent} handed over of {lines}; {refused} refused.")
    return 1 if done.bad else 0


def _import(path: Path, bus: Bus, sources: Mapping[str, "SourceFacts"], settings: Settings) -> "Position":
    from tqdm import tqdm

    from services.collector.importing import Bookmark, import_lines

    clock = SystemClock()
    known_at = min(datetime.fromtimestamp(path.stat().st_mtime, UTC), clock.now())
    bookmark = Bookmark(settings.data_dir / "imports", path)
    position = bookmark.read()
    if position.line:
        print(f"vigie import: goes on after line {position.line}", file=sys.stderr)
    with (
        path.open("rb") as file,
        tqdm(total=path.stat().st_size, initial=position.offset, unit="B", unit_scale=True, disable=None) as bar,
    ):
        for step in import_lines(file, bus, position, sources, known_at, clock):
            bar.update(step.position.offset - position.offset)
            position = step.position
            for number, reason in step.refused:
                tqdm.write(f"line {number}: {reason}", file=sys.stderr)
            bookmark.write(position)
    bookmark.forget()
    return position


def _import_piped(bus: Bus, sources: Mapping[str, "SourceFacts"]) -> "Position":
    """From standard input, whose size and age nobody knows."""
    from services.collector.importing import Position, import_lines

    clock, position = SystemClock(), Position()
    for step in import_lines(sys.stdin.buffer, bus, position, sources, clock.now(), clock):
        position = step.position
        for number, reason in step.refused:
            print(f"line {number}: {reason}", file=sys.stderr)
    return position


def _sources(settings: Settings) -> Mapping[str, "SourceFacts"]:
    """What is known of the sources that lines may name: language, country, organisation."""
    from services.collector.importing import facts_of
    from shared.sources.store import list_sources
    from shared.store import migrate, schema

    store = open_store(settings)
    try:
        if store.sqlite:
            migrate.upgrade(settings.store_url)
        schema.check(store)
        with store.reading() as session:
            return facts_of(list_sources(session))
    finally:
        store.close()
