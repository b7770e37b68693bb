#!/usr/bin/env bash
# kafka-python 3.0.12: a rebalance that does not fit into one poll is forgotten, and the consumer is lost for good.
#
# Expected: poll() may be as short as one likes; a rebalance that it began goes on in the next one (as in the Java
#           client, whose poll(Duration) returns empty until the group has settled).
# Seen:     when the topic gets a partition, the leader of the group joins again. If poll(timeout_ms=1) returns before
#           the group has answered, the next poll believes that nothing is left to do: the state stays "rebalancing"
#           with the heartbeat off, the new partition is read by nobody, and every commit raises
#           RebalanceInProgressError, also once the polls are long again. With polls of a second it takes a second.
#           New consumers meet the same: of those that poll for 10 ms some are given no partition for minutes, because
#           the topic's partitions become known between their first join and the next.
set -euo pipefail
WORK=$(mktemp -d)
. "$(dirname "$0")/lib/kafka.bash"
brokers 1
"$python" - <<'PYTHON'
import os
import time

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewPartitions, NewTopic
from kafka.errors import RebalanceInProgressError

SERVERS, PATIENCE = os.environ["SERVERS"], 60  # seconds


def partitions_read(consumer, milliseconds, work, until):
    """The partitions whose records came before `until` was among them, or the patience ended."""
    read, end = set(), time.monotonic() + PATIENCE
    while until not in read and time.monotonic() < end:
        read |= {tp.partition for tp in consumer.poll(timeout_ms=milliseconds)}
        time.sleep(work)  # what a program does with the records
    return read


def published(topic, partition):
    producer = KafkaProducer(bootstrap_servers=SERVERS)
    producer.partitions_for(topic)
    producer.send(topic, b"x", partition=partition).get(30)
    producer.close()


def consumer_of_a_topic_that_grows(topic, milliseconds, work):
    """The consumer, and what it read after its topic had got a second partition."""
    admin = KafkaAdminClient(bootstrap_servers=SERVERS)
    admin.create_topics([NewTopic(topic, 1, 1)])
    published(topic, 0)
    consumer = KafkaConsumer(
        topic, bootstrap_servers=SERVERS, group_id=topic, auto_offset_reset="earliest", metadata_max_age_ms=1000
    )
    assert partitions_read(consumer, 1000, 0, until=0) == {0}
    admin.create_partitions({topic: NewPartitions(2)})
    admin.close()
    time.sleep(1)
    published(topic, 1)
    return consumer, partitions_read(consumer, milliseconds, work, until=1)


patient, read = consumer_of_a_topic_that_grows("patient", 1000, 0)
print("polls of 1 s: ", read, patient.group_metadata().state)
assert read == {1}
patient.commit()
patient.close()

hasty, read = consumer_of_a_topic_that_grows("hasty", 1, 0.2)
print("polls of 1 ms:", read or "nothing", f"in {PATIENCE} s,", hasty.group_metadata().state)
assert not read, "kafka-python has changed: a rebalance goes on in the next poll"
published("hasty", 0)
assert partitions_read(hasty, 1000, 0, until=0) == {0}  # what it had before it still reads, polls being long again
try:
    hasty.commit(timeout_ms=10_000)
except RebalanceInProgressError as error:
    print("commit:       ", str(error)[:100])
else:
    raise SystemExit("kafka-python has changed: the consumer can commit")
os._exit(0)  # its close would wait for the group
PYTHON
