"""Stages written straight on kafka-python and sqlite3, as somebody would without Vigie: the yardsticks.

They read a batch, publish it, commit, and know neither dead letters nor what was in hand when a process died.
"""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, KafkaProducer

from shared.bus import CLASSIFIED, COLLECTED, Message


def a_consumer(servers: Sequence[str], topic: str, group: str) -> Any:
    return KafkaConsumer(
        topic,
        bootstrap_servers=list(servers),
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=200,
    )


def a_producer(servers: Sequence[str]) -> Any:
    return KafkaProducer(
        bootstrap_servers=list(servers),
        linger_ms=5,
        compression_type="zstd",
        delivery_timeout_ms=60_000,
        request_timeout_ms=15_000,
    )


class BareKafka:
    """Reads one topic, sends to the other, checks every send, commits once for each batch."""

    def __init__(self, servers: Sequence[str], prefix: str, batch: int) -> None:
        self._batch, self._target = batch, prefix + CLASSIFIED
        self._consumer = a_consumer(servers, prefix + COLLECTED, prefix + "bare")
        self._producer = a_producer(servers)

    def run(self, count: int) -> None:
        """Until `count` more records are through."""
        done = 0
        while done < count:
            found = self._consumer.poll(timeout_ms=500, max_records=self._batch)
            sent = [
                self._producer.send(self._target, key=record.key, value=record.value, headers=record.headers)
                for records in found.values()
                for record in records
            ]
            if not sent:
                continue
            self._producer.flush(60)
            for future in sent:
                future.get(0)
            self._consumer.commit()
            done += len(sent)

    def close(self) -> None:
        self._consumer.close(autocommit=False)
        self._producer.close()


class BareLine:
    """Sends records one by one, each checked, and reads them in another thread with a commit for each poll."""

    def __init__(self, servers: Sequence[str], prefix: str) -> None:
        self._topic = prefix + COLLECTED
        self._consumer = a_consumer(servers, self._topic, prefix + "bare")
        self._producer = a_producer(servers)

    def publish(self, message: Message) -> None:
        headers = [(name, value.encode()) for name, value in message.headers.items()]
        sent = self._producer.send(self._topic, key=message.key.encode(), value=message.value, headers=headers)
        self._producer.flush(60)
        sent.get(0)

    def take(self) -> Sequence[str]:
        """One turn: the keys of what was read and is committed now."""
        found = self._consumer.poll(timeout_ms=500, max_records=100)
        if found:
            self._consumer.commit()
        return [record.key.decode() for records in found.values() for record in records]

    def close(self) -> None:
        self._consumer.close(autocommit=False)
        self._producer.close()


class BareSqlite:
    """Reads rows, inserts them into a second table, updates its place. Publish, then commit: two transactions."""

    def __init__(self, path: Path, batch: int) -> None:
        self._batch, self._at = batch, 0
        self._log = sqlite3.connect(path, isolation_level=None)
        self._log.execute("PRAGMA journal_mode=WAL")
        self._log.execute("PRAGMA synchronous=FULL")
        for table in ("collected", "classified"):
            self._log.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, key TEXT, headers TEXT, value BLOB)")
        self._log.execute("CREATE TABLE place (at INTEGER)")
        self._log.execute("INSERT INTO place VALUES (0)")

    def fill(self, some: Sequence[Message], count: int) -> None:
        rows = [(m.key, json.dumps(dict(m.headers)), m.value) for m in some]
        for _ in range(count // len(rows)):
            self._log.execute("BEGIN IMMEDIATE")
            self._log.executemany("INSERT INTO collected (key, headers, value) VALUES (?, ?, ?)", rows)
            self._log.execute("COMMIT")

    def run(self, count: int) -> None:
        """Until `count` more records are through."""
        done = 0
        while done < count:
            rows = self._log.execute(
                "SELECT id, key, headers, value FROM collected WHERE id > ? ORDER BY id LIMIT ?",
                (self._at, self._batch),
            ).fetchall()
            self._log.execute("BEGIN IMMEDIATE")
            self._log.executemany(
                "INSERT INTO classified (key, headers, value) VALUES (?, ?, ?)", [row[1:] for row in rows]
            )
            self._log.execute("COMMIT")
            self._at = rows[-1][0]
            self._log.execute("UPDATE place SET at = ?", (self._at,))
            done += len(rows)

    def close(self) -> None:
        self._log.close()
