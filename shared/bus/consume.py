"""The one loop that every stage runs: read a batch, decide, effect, publish, then commit.

A sick record (Unprocessable, or three times any unknown error) goes to `<topic>.dead` and the stream goes on.
A sick world (Unavailable) commits nothing: the step fails, and the loop around it backs off. A batch that fails
comes again record by record, so that only the sick one suffers. Order per key is kept: nothing overtakes.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from shared.bus import BULK, DEAD, TOPICS, Bus, DeadLetter, Message, Outcome, Reader, Record
from shared.bus.letters import letter_message
from shared.errors import Unavailable, Unprocessable

log = logging.getLogger(__name__)

Handler = Callable[[Sequence[Record]], Outcome]
Place = tuple[int, int]  # partition, offset

TRIES: Final = 3  # of one record with an unknown error, and deaths of the process on one record
IN_A_ROW: Final = 20  # dead letters in a row that mean a sick world
WAIT: Final = 0.5  # seconds that a step waits for records, and so the longest wait for a stop
AHEAD: Final = 1.0  # seconds of polling the next batch before the last is committed; then one comes in between
REST: Final = 60.0  # seconds without a record after which a stage rests
BULK_EVERY: Final = 30.0  # seconds after which a small bulk batch runs although live is busy
BULK_REST: Final = 30.0  # seconds that a failing bulk lane rests; live goes on meanwhile


@dataclass(frozen=True, slots=True)
class Stage:
    """A consuming stage. `name` is the service and the group; batches are counted in records.

    `handler` gets records of one lane, in order, from one thread. It raises Unprocessable when a record is sick
    (the batch then comes again record by record) and Unavailable when the world is. It may be called again with
    the same records at any time.
    `prepare` does once, before the first record is in hand, what takes long (loading a model): a process that dies
    meanwhile then accuses no record. `rest` is called when nothing came for a while: what only work needs may go.
    """

    name: str
    topic: str
    handler: Handler
    batch: int = 100
    bulk_batch: int = 20
    prepare: Callable[[], None] | None = None
    rest: Callable[[], None] | None = None


@dataclass(slots=True)
class _Lane:
    """A reader and what the loop remembers of it."""

    reader: Reader
    topic: str
    batch: int
    looked: float = 0.0  # when it was last polled with nothing in hand: only then a request to rewind is seen
    ahead: Sequence[Record] = ()  # polled before the last commit and noted as in hand with it: one write for two
    failed: set[Place] = field(default_factory=set)  # a failed batch: these come singly
    dead_in_a_row: int = 0


class Consumer:
    """Takes the turns of one stage on its live and its bulk lane. It lives in one thread."""

    def __init__(
        self,
        bus: Bus,
        stage: Stage,
        *,
        wait: float = WAIT,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._bus, self._stage, self._wait = bus, stage, wait
        self._monotonic, self._sleep = monotonic, sleep
        self._live: _Lane | None = None
        self._bulk: _Lane | None = None
        self._prepared = False
        self._busy: float | None = None  # when there last was something to do, while the stage does not rest
        self._bulk_due = monotonic() + BULK_EVERY
        self._bulk_rests_until = 0.0
        self.trouble: str | None = None  # what is red on the bulk lane although live goes on

    def step(self) -> bool:
        """One turn: a live batch, or a bulk one when live is empty. False when there was nothing to do.

        Raises Unavailable when the world is sick and Conflict while another process reads for the group.
        """
        live, bulk = self._joined()
        worked = self._turns(live, bulk)
        if self._stage.rest is not None:
            self._rest(self._stage.rest, worked=worked)
        return worked

    def _turns(self, live: _Lane, bulk: _Lane | None) -> bool:
        if bulk is None:
            return self._turn(live, self._wait)
        if self._turn(live, 0.0):
            if self._monotonic() < self._bulk_due or not self._bulk_turn(bulk):
                bulk.reader.pause()
                bulk.reader.poll(1, 0.0)  # a paused member must poll to stay in its group
            return True
        return self._bulk_turn(bulk) or self._turn(live, self._wait)

    def _rest(self, rest: Callable[[], None], *, worked: bool) -> None:
        if worked:
            self._busy = self._monotonic()
        elif self._busy is not None and self._monotonic() - self._busy >= REST:
            self._busy = None
            rest()

    def close(self) -> None:
        """Leave the groups."""
        for lane in (self._live, self._bulk):
            if lane is None:
                continue
            if lane.ahead:
                with suppress(Unavailable):
                    lane.reader.begin(())  # nobody handled them
            lane.reader.close()
        self._live = self._bulk = None

    def _joined(self) -> tuple[_Lane, _Lane | None]:
        stage = self._stage
        if stage.prepare is not None and not self._prepared:
            stage.prepare()
        if not self._prepared:
            self._prepared, self._busy = True, self._monotonic()
        if self._live is None:
            self._live = _Lane(self._bus.reader(stage.topic, stage.name), stage.topic, stage.batch)
        if self._bulk is None and stage.topic + BULK in TOPICS:
            reader = self._bus.reader(stage.topic + BULK, stage.name + BULK)
            self._bulk = _Lane(reader, stage.topic + BULK, stage.bulk_batch)
        return self._live, self._bulk

    def _bulk_turn(self, lane: _Lane) -> bool:
        """A turn that never stops the live lane: a failing bulk lane rests, and the stage shows red."""
        if self._monotonic() < self._bulk_rests_until:
            return False
        lane.reader.resume()
        try:
            worked = self._turn(lane, 0.0)
        except Unavailable as error:
            log.warning("bulk lane rests", extra={"stage": self._stage.name, "reason": str(error)})
            self.trouble = str(error)
            self._bulk_rests_until = self._monotonic() + BULK_REST
            return False
        self.trouble = None
        self._bulk_due = self._monotonic() + BULK_EVERY
        return worked

    def _turn(self, lane: _Lane, timeout: float) -> bool:
        singly = bool(lane.failed or lane.reader.suspects())
        records, begun, lane.ahead = lane.ahead, bool(lane.ahead), ()
        if not begun:
            lane.looked = self._monotonic()
            records = lane.reader.poll(1 if singly else lane.batch, timeout)
        if not records:
            lane.failed.clear()  # another member has them now
            return False
        try:
            if singly:
                self._single(lane, records[0])
            else:
                self._batch(lane, records, begun)
        except BaseException:
            lane.reader.rewind()
            raise
        return True

    def _batch(self, lane: _Lane, records: Sequence[Record], begun: bool) -> None:
        with self._bus.turnstile.together(), self._put_back(lane, (), 0):
            if not begun:
                lane.reader.begin(records)
            outcome = self._handled(records)
            if outcome is None or _longest_row(lane, records, outcome) > IN_A_ROW:
                lane.failed = {_place(record) for record in records}
                lane.reader.rewind()
            else:
                self._finish(lane, records, outcome, ahead=True)

    def _single(self, lane: _Lane, record: Record) -> None:
        begun = lane.reader.suspects().get(_place(record), 0)
        turnstile = self._bus.turnstile
        with (
            turnstile.alone() if begun else turnstile.together(),
            self._put_back(lane, (record,) if begun else (), begun),
        ):
            if begun >= TRIES:
                reason = f"the process died {begun} times while it handled this record"
                outcome = Outcome(dead=(DeadLetter(record, reason, "ProcessDied", begun),))
            else:
                lane.reader.begin((record,), begun + 1)
                outcome = self._try(record)
            self._finish(lane, (record,), outcome)

    @contextmanager
    def _put_back(self, lane: _Lane, records: Sequence[Record], begun: int) -> Iterator[None]:
        """A sick world is no death of the process: what was noted before the turn holds again."""
        try:
            yield
        except Unavailable:
            with suppress(Unavailable):  # the bus itself may be what is sick
                lane.reader.begin(records, begun)
            raise

    def _handled(self, records: Sequence[Record]) -> Outcome | None:
        """The handler's answer to a batch, or None when the records must come singly."""
        try:
            return self._stage.handler(records)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 which record is sick shows when they come singly
            log.info(
                "batch comes again singly",
                extra={"stage": self._stage.name, "records": len(records), "error_class": type(error).__name__},
            )
            return None

    def _try(self, record: Record) -> Outcome:
        for attempt in range(1, TRIES + 1):
            try:
                return self._stage.handler([record])
            except Unavailable:
                raise
            except Unprocessable as error:
                return Outcome(dead=(DeadLetter(record, str(error), type(error).__name__, attempt),))
            except Exception as error:  # a mistake of ours, or a record that nobody thought of
                log.exception("record failed", extra={"stage": self._stage.name, "offset": record.offset})
                last = error
                if attempt < TRIES:
                    self._sleep(0.1 * attempt)
        reason = f"{type(last).__name__}: {last}"
        return Outcome(dead=(DeadLetter(record, reason, type(last).__name__, TRIES),))

    def _finish(self, lane: _Lane, records: Sequence[Record], outcome: Outcome, *, ahead: bool = False) -> None:
        """Publish, then commit; with `ahead` the next batch, where it is there, is noted in the same write.

        Raises Unavailable instead of pouring the stream into the dead letters.
        """
        if _longest_row(lane, records, outcome) > IN_A_ROW:
            raise Unavailable(
                f"{self._stage.name}: {IN_A_ROW} dead letters in a row on {lane.topic}; something else than the "
                "records is wrong. `vigie dead list` shows the reasons; a restart lets the next ones try."
            )
        for topic, messages in self._outgoing(outcome).items():
            self._bus.publish(topic, messages)
        then = lane.reader.poll(lane.batch, 0.0) if ahead and self._may_look_ahead(lane) else ()
        lane.reader.commit(records, then)
        lane.ahead = then
        lane.dead_in_a_row = _rows(lane, records, outcome)[-1]
        lane.failed.difference_update(map(_place, records))
        for letter in outcome.dead:
            log.error(
                "record died",
                extra={
                    "stage": self._stage.name,
                    "topic": letter.record.topic,
                    "offset": letter.record.offset,
                    "error_class": letter.error,
                    "reason": letter.reason,
                },
            )

    def _may_look_ahead(self, lane: _Lane) -> bool:
        """Not for long at a time, and not when bulk has its turn: what waits then is not in hand."""
        now = self._monotonic()
        bulk_waits = self._bulk is not None and now >= self._bulk_due
        return lane is self._live and now < lane.looked + AHEAD and not bulk_waits

    def _outgoing(self, outcome: Outcome) -> Mapping[str, Sequence[Message]]:
        """Topic -> messages, in the order given."""
        by_topic: dict[str, list[Message]] = {}
        for topic, message in outcome.publish:
            by_topic.setdefault(topic, []).append(message)
        for letter in outcome.dead:
            message = letter_message(letter, self._stage.name)
            by_topic.setdefault(letter.record.topic + DEAD, []).append(message)
        return by_topic


def _place(record: Record) -> Place:
    return record.partition, record.offset


def _rows(lane: _Lane, records: Sequence[Record], outcome: Outcome) -> Sequence[int]:
    """After each record, how many in a row are dead."""
    dead = {_place(letter.record) for letter in outcome.dead}
    rows, row = [], lane.dead_in_a_row
    for record in records:
        row = row + 1 if _place(record) in dead else 0
        rows.append(row)
    return rows


def _longest_row(lane: _Lane, records: Sequence[Record], outcome: Outcome) -> int:
    return max(_rows(lane, records, outcome))
