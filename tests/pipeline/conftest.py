"""The product as it is installed: on one machine, and beyond."""

import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.pipeline.harness import Vigie

# For what the bus and the database have no part in: beyond one machine by `make test-long`.
MOSTLY_ON_ONE_MACHINE = pytest.mark.parametrize(
    "installed", ["one machine", pytest.param("kafka and postgresql", marks=pytest.mark.long)], indirect=True
)


@pytest.fixture(params=["one machine", "kafka and postgresql"])
def installed(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Vigie]:
    """An installation of either kind, all services in one process."""
    return partial(Vigie, tmp_path, **({} if request.param == "one machine" else beyond(request)))


@pytest.fixture(params=["one machine", "kafka and postgresql"])
def spread(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Vigie]:
    """An installation of either kind; beyond one machine each service is a process of its own."""
    if request.param == "one machine":
        return partial(Vigie, tmp_path)
    return partial(Vigie, tmp_path, together=False, **beyond(request))


def beyond(request: pytest.FixtureRequest) -> dict[str, str]:
    """The settings for Kafka and PostgreSQL, of the test's own."""
    own = f"prefix=t{uuid.uuid4().hex[:8]}.&partitions=2&session_timeout_ms=3000"
    bus = f"{request.getfixturevalue('kafka_url')}?{own}"
    return {"VIGIE_BUS_URL": bus, "VIGIE_DATABASE_URL": request.getfixturevalue("database_url")}
