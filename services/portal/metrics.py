"""What the product shows of itself to Prometheus: one look at its status, remembered for a few seconds.

States and stages are the only labels: no source, no person, no cause, so nothing personal and no growing number of
series. The values are those of the whole installation, whichever of several portals is asked.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from prometheus_client import Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from shared.bus import Bus
from shared.clock import Clock
from shared.errors import Unavailable
from shared.sources.states import State
from shared.store import Store
from shared.telemetry.status import StageStatus, Status, read_status

FRESH: Final = timedelta(seconds=5)  # below every usual scrape interval; several scrapers cost one look
CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
PER_STAGE: Final[Mapping[str, tuple[str, Callable[[StageStatus], float]]]] = {
    "vigie_stage_alive": ("1 when a process runs the stage.", lambda stage: stage.alive),
    "vigie_stage_red": (
        "1 when something is red in the stage; `vigie status` says what.",
        lambda stage: stage.error is not None,
    ),
    "vigie_stage_backlog_records": (
        "Records that wait for the stage, on both lanes.",
        lambda stage: stage.backlog,
    ),
    "vigie_stage_waiting_seconds": (
        "For how long the oldest of them has waited; 0 when none waits.",
        lambda stage: max(stage.waits or 0.0, 0.0),
    ),
    "vigie_stage_dead_letters": (
        "Dead letters of the stage that nobody retried or discarded.",
        lambda stage: stage.dead,
    ),
}


class Metrics(Collector):
    """The gauges of the installation. Thread-safe."""

    def __init__(self, store: Store, bus: Bus, clock: Clock) -> None:
        self._store, self._bus, self._clock = store, bus, clock
        self._lock = Lock()
        self._last: tuple[datetime, Status | None] | None = None

    def text(self) -> bytes:
        """All gauges in the Prometheus text format."""
        return generate_latest(self)

    def collect(self) -> Iterator[Metric]:
        status = self._status()
        yield GaugeMetricFamily("vigie_up", "1 when store and bus answer.", value=float(status is not None))
        if status is not None:
            yield from _gauges(status)

    def _status(self) -> Status | None:
        """None when store or bus do not answer; that too is remembered, so that a sick store gets no more load."""
        with self._lock:
            if self._last is None or not timedelta(0) <= self._clock.now() - self._last[0] < FRESH:
                status = self._read()
                self._last = self._clock.now(), status  # after the look: who waited through a slow one takes it
            return self._last[1]

    def _read(self) -> Status | None:
        try:
            return read_status(self._store, self._bus, self._clock)
        except Unavailable:
            return None


def _gauges(status: Status) -> Iterator[Metric]:
    yield GaugeMetricFamily("vigie_items", "Items in the archive.", value=status.items)
    wrong = "Things wrong with store or bus although both answer."
    yield GaugeMetricFamily("vigie_trouble", wrong, value=len(status.trouble))
    for name, (means, value_of) in PER_STAGE.items():
        yield _by("stage", name, means, {stage: value_of(of) for stage, of in status.stages.items()})
    sources = {state.value: 0 for state in State} | dict(status.sources)
    yield _by("state", "vigie_sources", "Sources by state.", sources)
    means = "Deliveries by state; unknown counts events beside it."
    yield _by("state", "vigie_deliveries", means, status.deliveries)


def _by(label: str, name: str, means: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, means, labels=[label])
    for value, number in values.items():
        family.add_metric([value], float(number))
    return family
