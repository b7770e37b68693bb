"""One reader of the embedded log: its position in memory; the committed offset and what is in hand in the file."""

import json
import os
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Condition
from typing import Final

from shared.bus import Message, Record
from shared.bus.sqlite_file import LogFile
from shared.errors import BusUnavailable

POLL: Final = 0.2  # seconds until a reader sees what another process published
BATCH_BYTES: Final = 8 << 20  # a batch ends after so many bytes, however many records were asked for
SHIFT: Final = 40  # see the schema: id = topic << SHIFT | offset
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_OURS: Final = "WHERE topic = :topic AND name = :group"
_LOOK: Final = f"SELECT committed, hand_first, hand_end, hand_attempts, one, one_attempts FROM groups {_OURS}"
_WANTED: Final = f"SELECT rewind_to FROM groups {_OURS}"
_NOTHING: Final = f"UPDATE groups SET hand_end = NULL, one = NULL {_OURS}"
_ONE: Final = f"UPDATE groups SET one = :one, one_attempts = :attempts {_OURS}"
_BATCH: Final = (
    f"UPDATE groups SET hand_first = :first, hand_end = :end, hand_attempts = :attempts, one = NULL {_OURS}"
)
_DONE: Final = f"""UPDATE groups SET committed = :end, hand_end = CASE WHEN hand_end > :end THEN hand_end END,
    one = CASE WHEN one >= :end THEN one END {_OURS}"""
_NEXT: Final = f"""UPDATE groups SET committed = :end, hand_first = :first, hand_end = :then_end,
    hand_attempts = 1, one = NULL {_OURS}"""
_REWIND: Final = f"UPDATE groups SET committed = :to, rewind_to = NULL, hand_end = NULL, one = NULL {_OURS}"


class Bell:
    """Wakes the readers of this process when somebody published in it."""

    def __init__(self) -> None:
        self._rung = Condition()
        self.count = 0

    def ring(self) -> None:
        with self._rung:
            self.count += 1
            self._rung.notify_all()

    def wait(self, seen: int, seconds: float) -> None:
        """Until the bell rang more often than `seen` times, or the time is over."""
        with self._rung:
            self._rung.wait_for(lambda: self.count != seen, seconds)


class SqliteReader:
    """The reader port. `lock` is the open file whose `flock` makes it the only reader of its group."""

    def __init__(self, file: LogFile, bell: Bell, topic: str, group: str, topic_id: int, lock: int) -> None:
        self._file, self._bell = file, bell
        self._topic, self._topic_id = topic, topic_id
        self._ours: Mapping[str, object] = {"topic": topic_id, "group": group}
        self._lock: int | None = lock
        self._paused = False
        with file.looking() as log:
            row = log.execute(_LOOK, self._ours).fetchone()
        self._committed: int = row[0]
        self._position = self._committed
        self._suspects = _suspects(*row)

    def poll(self, limit: int, timeout: float) -> Sequence[Record]:
        deadline = time.monotonic() + timeout
        while True:
            heard = self._bell.count
            if not self._paused and (records := self._next(limit)):
                self._position = records[-1].offset + 1
                return records
            left = deadline - time.monotonic()
            if left <= 0:
                return ()
            self._bell.wait(heard, min(left, POLL))

    def begin(self, records: Sequence[Record], attempts: int = 1) -> None:
        if not records:
            self._note(_NOTHING)
        elif len(records) == 1 and (0, records[0].offset) in self._suspects:
            self._note(_ONE, one=records[0].offset, attempts=attempts)  # the rest of that batch stays suspect
        else:
            self._note(_BATCH, first=records[0].offset, end=records[-1].offset + 1, attempts=attempts)

    def suspects(self) -> Mapping[tuple[int, int], int]:
        return self._suspects

    def commit(self, records: Sequence[Record], then: Sequence[Record] = ()) -> None:
        end = max((record.offset + 1 for record in records), default=0)
        if end <= self._committed:
            if then:
                self.begin(then)
            return
        if then:
            self._note(_NEXT, end=end, first=then[0].offset, then_end=then[-1].offset + 1)
        else:
            self._note(_DONE, end=end)
        self._committed = end
        self._position = max(self._position, end)
        self._suspects = {place: n for place, n in self._suspects.items() if place[1] >= end}

    def rewind(self) -> None:
        self._position = self._committed

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False

    def close(self) -> None:
        if self._lock is not None:
            with suppress(OSError):
                os.close(self._lock)
            self._lock = None

    def _next(self, limit: int) -> Sequence[Record]:
        if self._position == self._committed:  # between batches
            self._go_where_wanted()
        with self._file.looking() as log:
            return records_from(log, self._topic, self._topic_id, self._position, limit)

    def _go_where_wanted(self) -> None:
        """Apply a rewind that somebody, perhaps in another process, asked for."""
        with self._file.looking() as log:
            if log.execute(_WANTED, self._ours).fetchone()[0] is None:
                return
        with self._file.writing() as log:
            to = int(log.execute(_WANTED, self._ours).fetchone()[0])
            log.execute(_REWIND, {**self._ours, "to": to})
        self._committed = self._position = to
        self._suspects = {}

    def _note(self, statement: str, **values: int) -> None:
        if self._lock is None:
            raise BusUnavailable(f"the reader of {self._ours['group']!r} on {self._topic} is closed")
        with self._file.writing() as log:
            log.execute(statement, {**self._ours, **values})


def _suspects(
    committed: int,
    first: int | None,
    end: int | None,
    attempts: int | None,
    one: int | None,
    one_attempts: int | None,
) -> Mapping[tuple[int, int], int]:
    """The rest of the batch in hand with its count, and the one record tried alone with its own."""
    rest = range(0) if end is None else range(max(first or 0, committed), end)
    batch = {(0, offset): attempts or 1 for offset in rest}
    return batch if one is None else batch | {(0, one): one_attempts or 1}


def records_from(log: sqlite3.Connection, topic: str, topic_id: int, offset: int, limit: int) -> Sequence[Record]:
    """Up to `limit` records, or BATCH_BYTES, from `offset` on."""
    base = topic_id << SHIFT
    found, size = [], 0
    for id_, at, key, headers, value in log.execute(
        "SELECT id, at, key, headers, value FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
        (base + offset, (topic_id + 1) << SHIFT, limit),
    ):
        found.append(Record(topic, 0, id_ - base, moment(at), Message(key, value, json.loads(headers))))
        size += len(value or b"")
        if size > BATCH_BYTES:
            break
    return tuple(found)


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)
