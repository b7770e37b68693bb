"""A bus says which log a topic is, and how far it has come, so that one that was made anew is recognised."""

from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from shared.bus.marks import renewed
from tests.contract.bus_lab import Lab, messages


def test_a_log_keeps_its_name_and_comes_further(lab: Lab, topic: str) -> None:
    before = lab.bus.marks([topic])
    lab.bus.publish(topic, messages("a", "b"))
    other = lab.open()
    after = other.marks([topic])
    other.close()
    assert after[topic].id == before[topic].id != ""
    assert (before[topic].end, after[topic].end) == (0, 2)
    assert renewed(before, after) == ()


def test_a_topic_that_was_deleted_and_made_again_is_another_log(
    lab: Lab, topic: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    lab.bus.publish(topic, messages("a", "b"))
    before = lab.bus.marks([topic])
    if (tmp_path / "bus.db").exists():
        lab.bus.close()
        for file in tmp_path.glob("bus.db*"):
            file.unlink()
    else:
        servers = request.getfixturevalue("kafka_url").removeprefix("kafka://").split(",")
        admin = KafkaAdminClient(bootstrap_servers=servers)
        admin.delete_topics([topic])
        admin.close()
    bus = lab.open()
    bus.ensure_topics([topic])
    bus.publish(topic, messages("c", "d", "e"))
    after = bus.marks([topic])
    bus.close()
    assert renewed(before, after) == (topic,)
