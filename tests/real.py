"""Real servers that the suite starts when they are not given: fixtures for `tests/conftest.py`."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from tests.pipeline.harness import free_port

BROKER = Path(__file__).parents[1] / "deploy" / "kafka" / "broker.py"


def _broker_module() -> ModuleType:
    spec = spec_from_file_location("broker", BROKER)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def kafka_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker: the one that VIGIE_TEST_KAFKA names, else one of our own. `CI=true` never skips."""
    if given := os.environ.get("VIGIE_TEST_KAFKA"):
        yield given
        return
    missing = [program for program in ("java", "mvn") if shutil.which(program) is None]
    if missing and not os.environ.get("CI"):
        pytest.skip(f"no Kafka: {' and '.join(missing)} missing and VIGIE_TEST_KAFKA not set")
    broker = _broker_module()
    cluster = broker.Cluster(tmp_path_factory.mktemp("kafka"), 1, free_port())
    nodes = broker.start(cluster)
    yield f"kafka://{cluster.bootstrap}"
    broker.stop(cluster.folder)
    for node in nodes:
        node.wait()
