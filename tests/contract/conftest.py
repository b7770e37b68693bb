"""The buses under test: the embedded log always, Kafka where a broker is at hand; a store's copies; a journal."""

import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from shared.bus import Bus, Reader
from shared.bus.sqlite import SqliteBus
from shared.clock import Clock
from shared.store import Store
from tests.contract.bus_lab import Lab, open_kafka
from tests.keeping import copy_of


@pytest.fixture(params=["sqlite", "kafka"])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    opener: Callable[[], Bus] = partial(SqliteBus, tmp_path / "bus.db")
    if request.param == "kafka":
        opener = partial(open_kafka, request.getfixturevalue("kafka_url"))
    bus = opener()
    yield Lab(bus, opener)
    bus.close()


@pytest.fixture
def bus(lab: Lab) -> Bus:
    return lab.bus


@pytest.fixture
def topic(bus: Bus) -> str:
    """A topic of the test's own: a broker keeps those of other tests."""
    name = f"items.test-{uuid.uuid4().hex[:12]}"
    bus.ensure_topics([name])
    return name


@pytest.fixture
def join(bus: Bus, topic: str) -> Iterator[Callable[..., Reader]]:
    """Join a group on the topic; readers are closed at the end."""
    joined: list[Reader] = []

    def join(group: str = "group", on: Bus = bus) -> Reader:
        joined.append(on.reader(topic, group))
        return joined[-1]

    yield join
    for reader in joined:
        reader.close()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Outside of the store and its copies, as an installation has it."""
    return tmp_path / "journals" / "one"


@pytest.fixture
def copy(store: Store, tmp_path: Path, clock: Clock) -> Iterator[Callable[[], Store]]:
    """Makes copies of the store as it is at that moment, each closed at the end."""
    made: list[Store] = []

    def make() -> Store:
        made.append(copy_of(store, tmp_path / "copies", clock))
        return made[-1]

    yield make
    for each in made:
        each.close()
