"""Takes a backup while everything runs: bus, store and mail folder of one moment in one file.

On the embedded bus the moment is one in which nobody publishes or commits: its write lock is held just long enough
for both databases to stand still. What the store learns in that time comes from records that the log has; what the
log has of later is read again and changes nothing. On Kafka, whose log stays where it is, the groups' places are
read before the store stands still: what is between the two is read again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from shared import disk
from shared.backup.manifest import BUS, MAILS, STORE, TABLES, BusKind, Group, Manifest, StoreKind
from shared.backup.steps import Steps
from shared.backup.zipped import Writer, blocks_of
from shared.bus import Bus
from shared.bus.sqlite import SqliteBus
from shared.clock import Clock
from shared.errors import StoreUnavailable
from shared.store import Store, postgres_copy, sqlite_copy
from shared.store.schema import VERSION_OF
from shared.telemetry.lanes import READS, lanes

CLOCKS_DIFFER: Final = timedelta(minutes=5)  # between a broker and us; what is read again changes nothing
MAIL: Final = ".eml"
AT_ONCE: Final = 400  # ids of one query


@dataclass(frozen=True, slots=True)
class Moment:
    """What stands still: one of the two stores; the file of the embedded bus, or the groups' places on Kafka."""

    at: datetime
    file: sqlite_copy.Pinned | None
    server: postgres_copy.Snapshot | None
    bus: sqlite_copy.Pinned | None
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What was written of a store: the revision of its schema, a server's tables with their columns, its mails."""

    revision: str
    mails: int
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taking:
    """A backup that is being written: out of copies in `folder` into `writer`."""

    writer: Writer
    folder: Path
    steps: Steps

    def copied(self, pinned: sqlite_copy.Pinned, name: str) -> Path:
        path = self.folder / Path(name).name
        self.steps.begin(f"copy {path.name}", pinned.size)
        pinned.copy_to(path, self.steps.moved)
        return path

    def embedded(self, copy: Path, mails: Path) -> Kept:
        self.file(STORE, copy)
        revision = str(sqlite_copy.value(copy, VERSION_OF))
        return Kept(revision, self.mails(mails, partial(sqlite_copy.known_mails, copy)))

    def server(self, snapshot: postgres_copy.Snapshot, mails: Path) -> Kept:
        for name in snapshot.tables:
            self.steps.begin(f"table {name}", 0)
            self.writer.add(f"{TABLES}{name}", snapshot.rows(name))
        return Kept(snapshot.revision, self.mails(mails, snapshot.known_mails), snapshot.tables)

    def file(self, name: str, path: Path) -> None:
        """A copied database, after it was read through: a backup of a damaged one is none. Raises BadInput."""
        self.steps.begin(f"check {path.name}", 0)
        sqlite_copy.look_through(path)
        self.steps.begin(f"write {path.name}", path.stat().st_size)
        self.writer.add(name, blocks_of(path))

    def mails(self, folder: Path, known: Callable[[Sequence[str]], frozenset[str]]) -> int:
        """The files of mails that the store of that moment knows. An erasure may take one away meanwhile."""
        written = 0
        self.steps.begin("write mails", 0)
        for batch in _batches(sorted(folder.glob(f"*{MAIL}"))):
            ours = known([path.stem for path in batch])
            for path in (path for path in batch if path.stem in ours):
                with suppress(FileNotFoundError):
                    self.writer.add(f"{MAILS}{path.name}", (path.read_bytes(),))
                    written += 1
        return written


def take(
    store: Store, bus: Bus, mails: Path, target: Path, *, clock: Clock, program: str, steps: Steps
) -> Manifest:
    """Write a backup to `target`, in place of one that is there.

    Raises StoreUnavailable, BusUnavailable, and BadInput where a database is damaged; then nothing is written.
    """
    with (
        Writer(target, steps.moved) as writer,
        TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as folder,
    ):
        taking = Taking(writer, Path(folder), steps)
        with _moment(store, bus, clock) as moment:
            _room(target, moment)
            log = taking.copied(moment.bus, BUS) if moment.bus else None
            file = taking.copied(moment.file, STORE) if moment.file else None
            kept = taking.server(moment.server, mails) if moment.server else None
        kept = taking.embedded(file, mails) if file else kept
        assert kept is not None  # one of the two stores
        if log:
            taking.file(BUS, log)
        manifest = Manifest(
            program=program,
            at=moment.at,
            store=StoreKind.SQLITE if file else StoreKind.POSTGRESQL,
            revision=kept.revision,
            bus=BusKind.EMBEDDED if log else BusKind.KAFKA,
            tables=kept.tables,
            groups=moment.groups,
            mails=kept.mails,
        )
        writer.finish(manifest)
        return manifest


@contextmanager
def _moment(store: Store, bus: Bus, clock: Clock) -> Iterator[Moment]:
    with ExitStack() as held:
        groups = () if isinstance(bus, SqliteBus) else tuple(places(bus, clock.now()))
        with bus.still() if isinstance(bus, SqliteBus) else nullcontext():
            log = held.enter_context(sqlite_copy.pinned(bus.path)) if isinstance(bus, SqliteBus) else None
            if store.path is not None:
                file, server = held.enter_context(sqlite_copy.pinned(store.path)), None
            else:
                file, server = None, held.enter_context(postgres_copy.pinned(store))
            moment = Moment(clock.now(), file, server, log, groups)
        yield moment


def places(bus: Bus, now: datetime) -> Iterator[Group]:
    """How far every group is: what it has not committed it reads again, wherever that stands in the log."""
    for topic, group in (lane for stage in READS for lane in lanes(stage)):
        since = min(now, bus.oldest_waiting(topic, group) or now) - CLOCKS_DIFFER
        yield Group(topic=topic, group=group, since=since, committed=bus.committed(topic, group))


def _room(target: Path, moment: Moment) -> None:
    """Raises StoreUnavailable when the copies and the file will not fit."""
    needed = 2 * sum(pinned.size for pinned in (moment.file, moment.bus) if pinned is not None)
    if needed and disk.free(target) < needed + disk.LEAST:
        raise StoreUnavailable(
            f"{disk.free(target) >> 20} MB are free for {target}, and the backup may need {needed >> 20}: "
            "make room, or choose another place."
        )


def _batches(paths: list[Path]) -> Iterator[tuple[Path, ...]]:
    waiting = iter(paths)
    while batch := tuple(islice(waiting, AT_ONCE)):
        yield batch
