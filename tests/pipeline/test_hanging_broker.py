"""A broker that is there and says nothing."""

import signal
import time
from pathlib import Path

import pytest

from shared.bus.watched import LONGEST
from tests.pipeline.harness import Vigie
from tests.pipeline.readiness import Press, is_ready, wait_for_green, wait_for_red
from tests.real import own_kafka
from tests.servers import FeedServer
from tests.sizes import sizes


@pytest.mark.slow
@sizes(10.0, LONGEST + 20, seconds=500)
def test_a_broker_that_stands_still_and_goes_on_costs_nothing_but_the_time(tmp_path: Path, size: float) -> None:
    """For `size` seconds at least; the full size is longer than any call on the bus may last."""
    cluster = own_kafka(tmp_path / "kafka")
    url = f"{cluster.url}?partitions=2&session_timeout_ms=3000"
    try:
        with FeedServer() as site, Vigie(tmp_path, VIGIE_BUS_URL=url) as vigie:
            press = Press(site, vigie)
            press.publish("Leuchtturm", "Brücke")
            vigie.start()
            press.wait_until_archived()
            wait_for_green(vigie)
            cluster.send_signal(1, signal.SIGSTOP)
            stopped = time.monotonic()
            press.publish("Hafen", "Insel")
            wait_for_red(vigie, "bus", "no Kafka broker answers", "VIGIE_BUS_URL")
            time.sleep(max(0.0, size - (time.monotonic() - stopped)))
            assert not is_ready(vigie)
            cluster.send_signal(1, signal.SIGCONT)
            wait_for_green(vigie)
            press.publish("Kanal")
            press.wait_until_archived()
            assert vigie.log.read_text("utf-8").count("the worker ends itself") <= 1
    finally:
        cluster.send_signal(1, signal.SIGCONT)  # it could not be ended otherwise
        cluster.remove()
