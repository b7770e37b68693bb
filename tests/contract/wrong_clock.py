"""What the suites of a wrong clock are written with."""

import pytest

from shared.store import Store
from shared.telemetry.clocks import put_right_if_back
from tests.fakes import FakeClock

AHEAD = pytest.mark.parametrize("days", [3, 3650], ids=["days", "years"])


def look(store: Store) -> None:
    """What every worker does at its start and every five seconds."""
    with store.writing() as session:
        put_right_if_back(store, session, store.now(session))


def put_right(store: Store, clock: FakeClock, days: float) -> None:
    """The clock goes back, as seen by a worker that had looked at it before."""
    look(store)
    clock.advance(days=-days)
    look(store)
