"""One member of a consumer group on Kafka: position with the client, committed offsets and notes with the broker.

Rebalance listeners run on the client's own thread and must not block, so ours only raises a flag; the next poll
learns the new partitions' offsets and notes before it gives anything out.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from kafka import ConsumerRebalanceListener, TopicPartition
from kafka.errors import KafkaError, UnknownTopicOrPartitionError
from kafka.structs import MemberState, OffsetAndMetadata

from shared.bus import Record
from shared.bus.kafka_control import Control
from shared.bus.kafka_errors import LostPartitions, translated
from shared.bus.kafka_notes import Note, read_note
from shared.bus.kafka_records import offsets_at, record_of
from shared.bus.kafka_topics import Topics
from shared.bus.kafka_url import KafkaSettings
from shared.errors import BusUnavailable

log = logging.getLogger(__name__)

ANSWER_MS: Final = 15_000
CLOSE_MS: Final = 8_000
JOIN: Final = 1.0  # seconds; a poll that gives no time to join the group begins to join anew with every call


class _Flag(ConsumerRebalanceListener):  # type: ignore[misc]  # the library is not typed
    """Raised when partitions came or went."""

    def __init__(self) -> None:
        self.raised = True

    def on_partitions_revoked(self, revoked: object) -> None:  # noqa: ARG002 - the library's signature
        self.raised = True

    def on_partitions_assigned(self, assigned: object) -> None:  # noqa: ARG002 - the library's signature
        self.raised = True


class KafkaReader:
    """The reader port on a consumer of the library."""

    def __init__(
        self,
        consumer: Any,
        topic: str,
        group: str,
        control: Control,
        topics: Topics,
        settings: KafkaSettings,
        leave: Callable[[], None],
    ) -> None:
        self._consumer, self._group, self._leave = consumer, group, leave
        self._name, self._topic = topic, settings.prefix + topic
        self._closed = False
        self._control, self._topics, self._settings = control, topics, settings
        self._id = ""  # of the topic, when we last looked
        self._changed = _Flag()
        self._paused = False
        self._in_hand = False
        self._committed: dict[Any, int] = {}
        self._notes: dict[Any, Note] = {}
        self._suspects: Mapping[tuple[int, int], int] = {}
        self._subscribed = False

    def poll(self, limit: int, timeout: float) -> Sequence[Record]:
        if self._in_hand:
            return self._more(limit, timeout)
        self._recognise()
        with self._translated("poll"):
            self._subscribe()
            if self._paused and (assigned := self._consumer.assignment()):
                self._consumer.pause(*assigned)
            self._follow_requests()
            patience = max(timeout, JOIN) if self._changed.raised else timeout
            found = self._consumer.poll(timeout_ms=int(patience * 1000), max_records=limit)
            if self._changed.raised:
                self._learn()
                return ()
        if self._paused and found:
            self.rewind()
            return ()
        return self._ours(found)

    def _more(self, limit: int, timeout: float) -> Sequence[Record]:
        """What follows the records in hand. A new place, topic or partition waits until they are done."""
        if self._paused or self._changed.raised:
            return ()
        with self._translated("poll"):
            found = self._consumer.poll(timeout_ms=int(timeout * 1000), max_records=limit)
            if not self._changed.raised:
                return self._ours(found)
        return ()

    def _ours(self, found: Mapping[Any, Any]) -> Sequence[Record]:
        return tuple(record_of(record, self._settings.prefix) for batch in found.values() for record in batch)

    def _subscribe(self) -> None:
        """Once, and with the topic's partitions known: a member that joins before may get none for minutes."""
        if self._subscribed:
            return
        if not self._consumer.partitions_for_topic(self._topic):
            raise UnknownTopicOrPartitionError
        self._consumer.subscribe([self._topic], listener=self._changed)
        self._subscribed = True

    def begin(self, records: Sequence[Record], attempts: int = 1) -> None:
        self._in_hand = bool(records)
        if not records:
            noted = {tp: note for tp, note in self._notes.items() if note.end or note.one is not None}
            self._write({tp: (self._committed[tp], note.cleared()) for tp, note in noted.items()})
            return
        first = records[0]
        if len(records) == 1 and (first.partition, first.offset) in self._suspects:
            tp = TopicPartition(self._topic, first.partition)
            note = self._note(tp).begun_alone(first.offset, attempts)
            self._write({tp: (self._committed.get(tp, first.offset), note)})
            return
        self._write(self._begun(records, attempts, {}))

    def suspects(self) -> Mapping[tuple[int, int], int]:
        return self._suspects

    def commit(self, records: Sequence[Record], then: Sequence[Record] = ()) -> None:
        ends: dict[Any, int] = {}
        for record in records:
            tp = TopicPartition(self._topic, record.partition)
            ends[tp] = max(ends.get(tp, 0), record.offset + 1)
        self._in_hand = bool(then)
        done = {tp: (end, self._note(tp).done(end)) for tp, end in ends.items()}
        self._write(self._begun(then, 1, done))
        if self._suspects:
            self._suspects = {
                (partition, offset): attempts
                for (partition, offset), attempts in self._suspects.items()
                if offset >= ends.get(TopicPartition(self._topic, partition), 0)
            }

    def rewind(self) -> None:
        self._in_hand = False
        with self._translated("rewind"):
            for tp in self._consumer.assignment():
                self._seek(tp)

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        if self._paused:
            self._paused = False
            self._consumer.resume(*self._consumer.paused())

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            self._consumer.close(autocommit=False, timeout_ms=CLOSE_MS)
            self._leave()
        except (KafkaError, BusUnavailable, RuntimeError) as error:
            log.warning("reader did not close", extra={"group": self._group, "reason": str(error)})

    def _begun(
        self, records: Sequence[Record], attempts: int, done: Mapping[Any, tuple[int, Note]]
    ) -> Mapping[Any, tuple[int, Note]]:
        """What to write when these records are taken in hand after what is `done`: offsets stay, notes are new."""
        wanted = dict(done)
        for record in records:
            tp = TopicPartition(self._topic, record.partition)
            offset, note = wanted.get(tp) or (self._committed.get(tp, record.offset), self._note(tp))
            wanted[tp] = offset, note.begun(record.offset + 1, attempts)
        return wanted

    def _note(self, tp: Any) -> Note:
        return self._notes.get(tp) or Note(self._control.newest(), topic=self._id)

    def _recognise(self) -> None:
        """Raises BusUnavailable while the topic is missing; begins anew when another one has taken its place."""
        found = self._topics.known(self._name).id
        if self._id and found != self._id:
            log.warning("topic was made again", extra={"topic": self._topic, "group": self._group})
            self._changed.raised = True
        self._id = found

    def _write(self, wanted: Mapping[Any, tuple[int, Note]]) -> None:
        if not wanted:
            return
        offsets = {tp: OffsetAndMetadata(offset, note.text(), -1) for tp, (offset, note) in wanted.items()}
        try:
            with self._translated("commit"):
                self._consumer.commit(offsets, timeout_ms=ANSWER_MS)
        except LostPartitions as lost:  # whoever has them now does the records again; effects are idempotent
            log.info("partitions lost", extra={"group": self._group, "reason": str(lost)})
            self._changed.raised = True
            return
        for tp, (offset, note) in wanted.items():
            self._committed[tp], self._notes[tp] = offset, note

    def _learn(self) -> None:
        """Offsets and notes of the partitions that are ours now; positions back to what is committed."""
        state, assigned = self._consumer.group_metadata().state, self._consumer.assignment()
        self._changed.raised = state != MemberState.STABLE
        if state == MemberState.REBALANCING:
            # the library forgets a rebalance that it began for new metadata and that outlasts the poll, for ever
            self._consumer._coordinator.request_rejoin()
        if self._changed.raised or not assigned:
            return
        found = {tp: self._consumer.committed(tp, metadata=True, timeout_ms=ANSWER_MS) for tp in assigned}
        known = {tp: place for tp, place in found.items() if place is not None and place.offset >= 0}
        notes = {tp: read_note(place.metadata) for tp, place in known.items()}
        self._notes = {tp: note for tp, note in notes.items() if note.fits(self._id)}
        self._committed = {tp: known[tp].offset for tp in self._notes}
        self._suspects = {
            (tp.partition, offset): attempts
            for tp, note in self._notes.items()
            for offset, attempts in note.suspects(self._committed[tp]).items()
        }
        for tp in assigned:
            self._seek(tp)

    def _seek(self, tp: Any) -> None:
        if tp in self._committed:
            self._consumer.seek(tp, self._committed[tp])
        else:
            self._consumer.seek_to_beginning(tp)

    def _follow_requests(self) -> None:
        """Between batches: move the partitions that have not followed the newest request to rewind."""
        request = self._control.last(self._name, self._group)
        if request is None or self._changed.raised:
            return
        behind = [tp for tp, note in self._notes.items() if note.asked < request.number]
        if not behind:
            return
        offsets = offsets_at(self._consumer, behind, request.to)
        self._write({tp: (offset, Note(request.number, topic=self._id)) for tp, offset in offsets.items()})
        self._suspects = {}
        self.rewind()

    @contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        try:
            with translated(f"{what} {self._topic}", self._settings):
                yield
        except LostPartitions:
            if what == "commit":
                raise
            self._changed.raised = True
