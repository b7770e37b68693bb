"""The embedded bus: a log in its own SQLite file, for one machine and several processes. One partition per topic.

A group has one active reader per topic, held by `flock` on a file beside the log: the kernel frees it when the
process ends, however it ends. Readers of this process wake at once, those of other processes within a fifth of a
second.
"""

import fcntl
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote

from shared import disk
from shared.bus import DEAD, Message, Record
from shared.bus.marks import Mark
from shared.bus.sqlite_file import BUSY, LogFile, damaged
from shared.bus.sqlite_reader import SHIFT, Bell, SqliteReader, micros, records_from
from shared.bus.turnstile import Turnstile
from shared.clock import Clock, SystemClock
from shared.errors import BusUnavailable, Conflict, NotFound
from shared.moments import SLACK

TRIM_AT_ONCE: Final = 2000  # records deleted per transaction, so that writers need not wait long
CHECK_EVERY: Final = 1.0  # seconds; anybody may ask whether the portal is ready

_FIRST_SINCE: Final = "SELECT min(id) FROM records WHERE id >= ? AND id < ? AND at >= ?"
_LAST_BEFORE: Final = "SELECT max(id) FROM records WHERE id >= ? AND id < ? AND at < ?"


class SqliteBus:
    """The bus port on one SQLite file. Thread-safe; its readers are not.

    `busy` is how many seconds to wait for another process's transaction.
    """

    def __init__(self, path: Path, clock: Clock | None = None, busy: float = BUSY) -> None:
        self.path = path
        self.turnstile = Turnstile()
        self._clock = clock or SystemClock()
        self._file = LogFile(path, busy)
        self._bell = Bell()
        self._checked = float("-inf")

    def publish(self, topic: str, messages: Sequence[Message]) -> None:
        if not messages:
            return
        at = micros(self._clock.now())
        rows = [(m.key, json.dumps(dict(m.headers), ensure_ascii=False), m.value) for m in messages]
        with self._file.writing() as log:
            topic_id, end = _topic(log, topic)
            base = (topic_id << SHIFT) + end
            log.executemany(
                "INSERT INTO records (id, at, key, headers, value) VALUES (?, ?, ?, ?, ?)",
                ((base + n, at, *row) for n, row in enumerate(rows)),
            )
            log.execute("UPDATE topics SET next = next + ? WHERE id = ?", (len(rows), topic_id))
        self._bell.ring()

    def reader(self, topic: str, group: str) -> SqliteReader:
        lock = self._hold(topic, group)
        try:
            with self._file.writing() as log:
                topic_id, end = _topic(log, topic)
                log.execute(
                    "INSERT INTO groups (topic, name, committed) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                    (topic_id, group, _first(log, topic_id, end)),
                )
            return SqliteReader(self._file, self._bell, topic, group, topic_id, lock)
        except BaseException:
            os.close(lock)
            raise

    def ensure_topics(self, topics: Sequence[str]) -> None:
        with self._file.writing() as log:
            for topic in topics:
                _topic(log, topic)
                _topic(log, topic + DEAD)

    def check(self, topics: Sequence[str]) -> None:  # noqa: ARG002 a topic that is missing here is made when needed
        """As the port says: one small write goes to the disk, at most once a second."""
        if lacks := disk.room_lacks(self.path):
            raise BusUnavailable(f"the embedded bus is about to stop: {lacks}")
        if time.monotonic() - self._checked < CHECK_EVERY:
            return
        with self._file.writing() as log:
            log.execute("UPDATE topics SET next = next WHERE id = (SELECT min(id) FROM topics)")
        self._checked = time.monotonic()

    def marks(self, topics: Sequence[str]) -> Mapping[str, Mark]:
        with self._file.looking() as log:
            ends = dict(log.execute("SELECT name, next FROM topics").fetchall())
            (id_,) = log.execute("SELECT value FROM meta WHERE name = 'id'").fetchone()
        return {topic: Mark(id_, ends.get(topic, 0)) for topic in topics}

    def lag(self, topic: str, group: str) -> int:
        with self._file.looking() as log:
            place = _place(log, topic, group)
        return place[2] - place[1] if place else 0

    def committed(self, topic: str, group: str) -> int:
        with self._file.looking() as log:
            place = _place(log, topic, group)
        return place[1] if place else 0

    def oldest_waiting(self, topic: str, group: str) -> datetime | None:
        with self._file.looking() as log:
            place = _place(log, topic, group)
            waiting = records_from(log, topic, place[0], place[1], 1) if place else ()
        return waiting[0].at if waiting else None

    def read(self, topic: str, after: int, limit: int) -> Sequence[Record]:
        with self._file.looking() as log:
            row = log.execute("SELECT id FROM topics WHERE name = ?", (topic,)).fetchone()
            return records_from(log, topic, row[0], after + 1, limit) if row else ()

    def rewind(self, topic: str, group: str, to: datetime) -> None:
        """As the port says. Raises NotFound for a group that never read: it would hold up retention for ever."""
        with self._file.writing() as log:
            topic_id, end = _topic(log, topic)
            base = topic_id << SHIFT
            (found,) = log.execute(_FIRST_SINCE, (base, base + end, micros(to))).fetchone()
            known = log.execute(
                "UPDATE groups SET rewind_to = ? WHERE topic = ? AND name = ?",
                (end if found is None else found - base, topic_id, group),
            ).rowcount
            if not known:
                raise NotFound(f"no group {group!r} has read {topic} yet; there is nothing to rewind.")
        self._bell.ring()

    def read_through(self) -> None:
        """Read the file through. Raises BusUnavailable with what is damaged; may take a while."""
        with self._file.looking() as log:
            damage = [row[0] for row in log.execute("PRAGMA quick_check(3)")]
        if damage != ["ok"]:
            raise BusUnavailable(damaged(self.path, " ".join(" ".join(damage).split())))

    def trim(self, now: datetime, keep: timedelta) -> int:
        """Delete what is older than `keep` and read by every group of its topic; say how many records went.

        A topic that no group reads stays whole: dead letters wait for a person.
        """
        with self._file.looking() as log:
            ends = log.execute(
                "SELECT topic, min(min(committed, coalesce(rewind_to, committed))) FROM groups GROUP BY topic"
            ).fetchall()
        young = micros(now - keep), micros(now + SLACK)
        return sum(self._trim(topic_id, slowest, *young) for topic_id, slowest in ends)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Inside, nobody publishes and no group commits: for a moment, while a backup takes hold of the store."""
        with self._file.writing():
            yield

    def close(self) -> None:
        self._file.close()
        self._bell.ring()

    def _trim(self, topic_id: int, slowest: int, before: int, latest: int) -> int:
        """A record that a clock stamped with a later time is as old as the next one with a time that can be."""
        base, deleted, gone = topic_id << SHIFT, 0, TRIM_AT_ONCE
        with self._file.looking() as log:
            first = f"{_FIRST_SINCE} AND at <= ?"
            (young,) = log.execute(first, (base, base + slowest, before, latest)).fetchone()
            (old,) = log.execute(_LAST_BEFORE, (base, young or base + slowest, before)).fetchone()
        end = base if old is None else old + 1
        while gone == TRIM_AT_ONCE:
            with self._file.writing() as log:
                gone = log.execute(
                    "DELETE FROM records WHERE id IN "
                    "(SELECT id FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?)",
                    (base, end, TRIM_AT_ONCE),
                ).rowcount
            deleted += gone
        return deleted

    def _hold(self, topic: str, group: str) -> int:
        path = self.path.with_name(f"{self.path.name}.{quote(topic, safe='')}.{quote(group, safe='')}.lock")
        try:
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise BusUnavailable(
                f"{path} cannot be opened: {error}. Check the folder that VIGIE_DATA_DIR names."
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            raise Conflict(
                f"another reader of the group {group!r} on {topic} is at work ({path} is locked). "
                "Stop the other process, or let it do the work."
            ) from error
        return lock


def _topic(log: sqlite3.Connection, name: str) -> tuple[int, int]:
    """(id, next offset) of a topic, made when it is missing. Inside a transaction that writes."""
    row = log.execute("SELECT id, next FROM topics WHERE name = ?", (name,)).fetchone()
    if row is None:
        return int(log.execute("INSERT INTO topics (name) VALUES (?)", (name,)).lastrowid or 0), 0
    return int(row[0]), int(row[1])


def _first(log: sqlite3.Connection, topic_id: int, end: int) -> int:
    """The oldest offset that retention has left, or the next one in an empty topic."""
    base = topic_id << SHIFT
    (found,) = log.execute("SELECT min(id) FROM records WHERE id >= ? AND id < ?", (base, base + end)).fetchone()
    return end if found is None else int(found) - base


def _place(log: sqlite3.Connection, topic: str, group: str) -> tuple[int, int, int] | None:
    """(topic id, the group's next offset, the topic's next offset). A new group begins at the oldest record."""
    row = log.execute(
        "SELECT id, coalesce(rewind_to, committed), next FROM topics "
        "LEFT JOIN groups ON groups.topic = topics.id AND groups.name = ? WHERE topics.name = ?",
        (group, topic),
    ).fetchone()
    if row is None:
        return None
    topic_id, place, end = row
    return topic_id, _first(log, topic_id, end) if place is None else place, end
