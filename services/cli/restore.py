"""Put a backup back. Stop every process of Vigie first; start them again afterwards.

The file is checked from end to end before anything is touched. Where something is there already it is refused;
with --replace that is set aside and kept: in a folder `before-…` of the data folder, on PostgreSQL in a schema
`vigie_before_…`. Remove it when you are sure: it holds addresses. On Kafka the groups read again from the backup's
time on.

Nobody is mailed twice, and nobody who left or was erased since: mail that may have been sent already waits until
you release or discard it, and `vigie status` says so.

example: vigie restore /srv/backups/vigie.zip
example: vigie restore /srv/backups/vigie.zip --replace --json
exit codes: 0 done, 1 refused: something runs, is there already, or the file is damaged, 2 usage or settings,
3 the database or the bus does not answer
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import tzinfo
from pathlib import Path

from services.cli.moving import Bars
from services.cli.shown import moment
from shared.backup.manifest import BusKind, StoreKind
from shared.backup.places import Places
from shared.backup.putting import Kept, fits, put
from shared.backup.zipped import Reader, opened
from shared.clock import SystemClock, rfc3339
from shared.config import Settings
from shared.errors import Conflict, JournalUnavailable
from shared.journal.file import JournalFile
from shared.name_locks import hold_all
from shared.store import Store, sqlite_path
from shared.subscriptions.deliveries import counts
from shared.wiring import open_bus, open_store


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="what `vigie backup` wrote")
    parser.add_argument("--replace", action="store_true", help="set aside what is there, and keep it")
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    with opened(args.file) as reader:
        path = sqlite_path(settings.store_url)  # not opened: that would make it
        fits(
            reader.manifest,
            store=StoreKind.POSTGRESQL if path is None else StoreKind.SQLITE,
            bus=BusKind.KAFKA if settings.bus_url else BusKind.EMBEDDED,
        )
        places = Places(settings.data_dir, path, not settings.bus_url)
        with _nothing_running(settings, path):
            kept = _put(reader, settings, places, replace=args.replace)
        held = _done_again(settings)
        _say(args, settings.calendar, reader, kept, held)
    return 0


def _put(reader: Reader, settings: Settings, places: Places, *, replace: bool) -> Kept:
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_store(settings))) if places.store is None else None
        bus = stack.enter_context(closing(open_bus(settings))) if settings.bus_url else None
        steps = stack.enter_context(closing(Bars()))
        return put(reader, store, bus, places, now=SystemClock().now(), replace=replace, steps=steps)


@contextmanager
def _nothing_running(settings: Settings, store: Path | None) -> Iterator[None]:
    """Every name on this machine is ours meanwhile. Raises Conflict where a process has one, or the journal."""
    lie_in = (settings.data_dir, store.parent if store else settings.data_dir)
    folders = dict.fromkeys(folder.resolve() for folder in lie_in)
    held = [lock for folder in folders for lock in hold_all(folder / "locks")]
    try:
        if settings.journal_path.exists():
            JournalFile(settings.journal_path).close()
        yield
    finally:
        for lock in held:
            os.close(lock)


def _done_again(settings: Settings) -> int:
    """What ended since the backup ends again at once where the journal is here; else the notifier does it.

    So with what was taken out of the archive for good.
    """
    from services.notifier.app import open_keeper
    from shared.archive.kept_out import keep_out, list_beside

    with closing(open_store(settings)) as store:
        if store.sqlite:
            keeper = open_keeper(settings, store)
            try:
                keeper.look()
            except (JournalUnavailable, Conflict) as error:
                print(f"vigie restore: the notifier will look at the journal: {error}", file=sys.stderr)
            keeper.close()
        try:
            keep_out(store, list_beside(settings.journal_path))
        except JournalUnavailable as error:
            print(f"vigie restore: the archivist will look at it: {error}", file=sys.stderr)
        return _held(store)


def _held(store: Store) -> int:
    with store.reading() as session:
        return counts(session)["held"]


def _say(args: argparse.Namespace, zone: tzinfo, reader: Reader, kept: Kept, held: int) -> None:
    manifest = reader.manifest
    if args.json:
        said = {
            "at": rfc3339(manifest.at),
            "held": held,
            "kept_in": str(kept.folder) if kept.folder else None,
            "kept_schema": kept.schema,
        }
        print(json.dumps(said))
        return
    print(
        f"The state of {moment(manifest.at, zone)} is back. Start Vigie; `vigie status` says what waits for you."
    )
    if held:
        print(f"{held} mails wait: they may have been sent since the backup.")
    for place in (kept.folder, kept.schema and f"the schema {kept.schema}"):
        if place:
            print(f"What was there before lies in {place}: remove it when you are sure.")
