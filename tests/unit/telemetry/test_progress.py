"""Since when work has waited that nobody does, although the stage says that it lives."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from services.cli.vitals import Vitals
from services.cli.waiting import Waiting
from shared.bus import COLLECTED, TOPICS, Message
from shared.bus.sqlite import SqliteBus
from shared.runtime import Loop, LoopService
from shared.sources.tables import SourceRow
from shared.telemetry.health import beat
from shared.telemetry.lanes import READS
from shared.telemetry.status import read_status
from tests.fakes import FakeClock, a_store


class Watch:
    """An installation whose stages beat and are looked at, as a worker does it; nobody does their work."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.store = a_store(folder, self.clock)
        self.bus = SqliteBus(folder / "bus.db", self.clock)
        self.bus.ensure_topics(TOPICS)
        self._vitals = Vitals("host", tuple(READS), self.store, self.bus, Waiting(Event()))
        self._vitals.running += [LoopService(name, [Loop(name, lambda: False)]) for name in READS]

    def run(self, minutes: float, *, every: float = 30) -> None:
        for _ in range(round(minutes * 60 / every)):
            self.clock.advance(seconds=every)
            self._vitals.note_progress()

    def found(self) -> list[tuple[str, str]]:
        with self.store.writing() as session:
            beat(session, "host", dict.fromkeys(READS), self.clock.now())
        found = read_status(self.store, self.bus, self.clock).findings
        return [(each.id, each.subject) for each in found if each.id.startswith("stage.")]

    def commit(self, number: int) -> None:
        reader = self.bus.reader(COLLECTED, "classifier")
        reader.commit(reader.poll(number, 0.0))
        reader.close()

    def source(self, *, due: timedelta) -> None:
        with self.store.writing() as session:
            session.add(SourceRow(id="inria", url="https://example.org/feed", next_due=self.clock.now() + due))


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    watch = Watch(tmp_path)
    yield watch
    watch.bus.close()
    watch.store.close()


STANDS = [("stage.stands", "classifier")]


def test_a_stage_that_beats_and_commits_nothing_stands_after_five_minutes(watch: Watch) -> None:
    watch.run(60)
    watch.bus.publish(COLLECTED, [Message("a", b"{}")])
    watch.run(4.5)
    assert watch.found() == []
    watch.run(1)
    assert watch.found() == STANDS


def test_a_stage_that_works_through_a_long_backlog_does_not_stand(watch: Watch) -> None:
    watch.bus.publish(COLLECTED, [Message(str(n), b"{}") for n in range(40)])
    for _ in range(8):
        watch.run(2)
        watch.commit(1)
        watch.bus.publish(COLLECTED, [Message("more", b"{}")])
    assert watch.found() == []


def test_a_commit_ends_it(watch: Watch) -> None:
    watch.bus.publish(COLLECTED, [Message("a", b"{}"), Message("b", b"{}")])
    watch.run(7)
    assert watch.found() == STANDS
    watch.commit(1)
    watch.run(0.5)
    assert watch.found() == []


def test_a_stuck_bulk_lane_is_not_hidden_by_a_live_lane_that_works(watch: Watch) -> None:
    watch.bus.publish(f"{COLLECTED}.bulk", [Message("old", b"{}")])
    for _ in range(12):
        watch.bus.publish(COLLECTED, [Message("new", b"{}")])
        watch.commit(1)
        watch.run(0.5)
    assert watch.found() == STANDS


def test_due_sources_that_nobody_polls_make_the_collector_stand(watch: Watch) -> None:
    watch.source(due=timedelta(0))
    watch.run(4.5)
    assert watch.found() == []
    watch.run(1)
    assert watch.found() == [("stage.stands", "collector")]
    with watch.store.writing() as session:
        row = session.get_one(SourceRow, "inria")
        row.polls += 1
    watch.run(0.5)
    assert watch.found() == []


def test_a_source_that_is_not_due_lets_nobody_stand(watch: Watch) -> None:
    watch.source(due=timedelta(days=1))
    watch.run(60)
    assert watch.found() == []


@pytest.mark.parametrize("away", [{"hours": 9}, {"minutes": 5}], ids=str)
def test_after_a_stop_or_a_suspended_machine_the_time_counts_anew(watch: Watch, away: dict[str, float]) -> None:
    watch.bus.publish(COLLECTED, [Message("a", b"{}")])
    watch.run(4)
    watch.clock.advance(**away)
    assert watch.found() == []
    watch.run(4.5)
    assert watch.found() == []
    watch.run(1)
    assert watch.found() == STANDS


def test_a_clock_that_is_put_right_makes_nobody_stand_for_ever_nor_never(watch: Watch) -> None:
    watch.run(1)
    watch.clock.advance(days=-30)
    watch.bus.publish(COLLECTED, [Message("a", b"{}")])
    watch.run(4.5)
    assert watch.found() == []
    watch.run(1)
    assert watch.found() == STANDS
