"""What the product shows of itself to Prometheus: its status and its latest verdicts, looked at now and then.

States, stages, kinds of findings, languages, themes and models are the only labels: no source, no person, no
cause, so nothing personal and no growing number of series. The values are those of the whole installation,
whichever of several portals is asked.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from math import inf
from threading import Lock
from typing import Final, Generic, TypeVar

from prometheus_client import Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from shared.archive.drift import Lately, lately
from shared.bus import Bus
from shared.clock import Clock
from shared.errors import Unavailable
from shared.sources.states import State
from shared.store import Store
from shared.telemetry.facts import StageStatus
from shared.telemetry.finding import KINDS
from shared.telemetry.status import Status, read_status

Seen = TypeVar("Seen")
Labels = TypeVar("Labels", bound=tuple[str, ...])
FRESH: Final = timedelta(seconds=5)  # below every usual scrape interval; several scrapers cost one look
FRESH_VERDICTS: Final = timedelta(minutes=5)  # they are of a whole day, and counting them reads thousands of rows
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


class Remembered(Generic[Seen]):
    """A look that is taken again only when the last one is older than `fresh`. Thread-safe."""

    def __init__(self, look: Callable[[], Seen], clock: Clock, fresh: timedelta) -> None:
        self._look, self._clock, self._fresh = look, clock, fresh
        self._lock = Lock()
        self._last: tuple[datetime, Seen | None] | None = None

    def now(self) -> Seen | None:
        """None when store or bus do not answer; that too is remembered, so that a sick store gets no more load."""
        with self._lock:
            if self._last is None or not timedelta(0) <= self._clock.now() - self._last[0] < self._fresh:
                seen = self._read()
                self._last = self._clock.now(), seen  # after the look: who waited through a slow one takes it
            return self._last[1]

    def _read(self) -> Seen | None:
        try:
            return self._look()
        except Unavailable:
            return None


class Metrics(Collector):
    """The gauges of the installation. Thread-safe."""

    def __init__(self, store: Store, bus: Bus, clock: Clock) -> None:
        self._store = store
        self._status = Remembered(lambda: read_status(store, bus, clock), clock, FRESH)
        self._verdicts = Remembered(self._latest_verdicts, clock, FRESH_VERDICTS)

    def text(self) -> bytes:
        """All gauges in the Prometheus text format."""
        return generate_latest(self)

    def collect(self) -> Iterator[Metric]:
        status = self._status.now()
        yield GaugeMetricFamily("vigie_up", "1 when store and bus answer.", value=float(status is not None))
        if status is not None:
            yield from _gauges(status)
            verdicts = self._verdicts.now()
            yield from _of_verdicts(verdicts) if verdicts is not None else ()

    def _latest_verdicts(self) -> Lately:
        with self._store.reading() as session:
            return lately(session, self._store.now(session))


def _gauges(status: Status) -> Iterator[Metric]:
    facts = status.facts
    yield GaugeMetricFamily("vigie_items", "Items in the archive.", value=facts.items)
    means = "Findings of `vigie status` by kind and weight; 0 for a kind that is not the case."
    yield _by("id weight", "vigie_findings", means, _counted(status))
    for name, (means, value_of) in PER_STAGE.items():
        yield _by("stage", name, means, {stage: value_of(of) for stage, of in facts.stages.items()})
    sources = {state.value: 0 for state in State} | dict(facts.sources)
    yield _by("state", "vigie_sources", "Sources by state.", sources)
    means = "Deliveries by state; unknown counts events beside it."
    yield _by("state", "vigie_deliveries", means, facts.deliveries)


def _counted(status: Status) -> Mapping[tuple[str, str], int]:
    """By kind, never by subject: a source would be a label without an end."""
    found = Counter((finding.id, finding.weight.value) for finding in status.findings)
    return {(kind, of.weight.value): 0 for kind, of in KINDS.items()} | found


def _of_verdicts(seen: Lately) -> Iterator[Metric]:
    """The machine's verdicts on what came in live within a day."""
    yield _by("language", "vigie_verdict_items", "Live items of the last day with a verdict.", seen.items)
    means = "Those of them that the machine gave the label."
    yield _by("language label", "vigie_verdict_label_items", means, seen.given)
    means = "Those of them whose score of the label is not above up_to."
    scores = {(lang, label, _bound(bound)): n for (lang, label, bound), n in seen.scores.items()}
    # `le` belongs to histograms: promtool refuses it on a gauge
    yield _by("language label up_to", "vigie_verdict_score_items", means, scores)
    yield _by("model", "vigie_verdict_model_items", "Those of them by the model that judged them.", seen.models)


def _bound(bound: float) -> str:
    """As Prometheus writes the bounds of a histogram."""
    return "+Inf" if bound == inf else str(bound)


def _by(labels: str, name: str, means: str, values: Mapping[str, float] | Mapping[Labels, float]) -> Metric:
    """`values` by the label, or by one value for each of several labels."""
    family = GaugeMetricFamily(name, means, labels=labels.split())
    for value, number in values.items():
        family.add_metric([value] if isinstance(value, str) else value, float(number))
    return family
