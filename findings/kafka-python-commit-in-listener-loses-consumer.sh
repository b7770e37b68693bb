#!/usr/bin/env bash
# kafka-python 3.0.12: a commit in a rebalance listener, which the documentation recommends, ends the consumer for good.
#
# Expected: offsets are committed in on_partitions_revoked, before another member takes the partitions over; the
#           library's own documentation of ConsumerRebalanceListener recommends it. An error there concerns that
#           rebalance at the most.
# Seen:     when a second member joins, commit() raises "Cannot block on net.run() from the IO thread" inside the
#           listener, and from then on every poll() of the first member raises KafkaError at once. It never joins
#           again, and the second member has no partition either after forty seconds.
set -euo pipefail
WORK=$(mktemp -d)
. "$(dirname "$0")/lib/kafka.bash"
brokers 1
"$python" - <<'PYTHON'
import os
import threading
import time

from kafka import ConsumerRebalanceListener, KafkaAdminClient, KafkaConsumer
from kafka.admin import NewTopic
from kafka.errors import KafkaError

SERVERS, PATIENCE = os.environ["SERVERS"], 40  # seconds
raised_inside = []


class Committing(ConsumerRebalanceListener):
    def __init__(self, consumer):
        self.consumer = consumer

    def on_partitions_revoked(self, revoked):
        if revoked:
            try:
                self.consumer.commit()
            except Exception as error:
                raised_inside.append(f"{type(error).__name__}: {error}")
                raise

    def on_partitions_assigned(self, assigned):
        pass


def member(listener):
    consumer = KafkaConsumer(bootstrap_servers=SERVERS, group_id="readers", session_timeout_ms=10_000)
    consumer.subscribe(["news"], listener=listener(consumer) if listener else None)
    return consumer


def until(claim, polled):
    end = time.monotonic() + PATIENCE
    while not claim() and time.monotonic() < end:
        polled.poll(timeout_ms=500)
    return claim()


KafkaAdminClient(bootstrap_servers=SERVERS).create_topics([NewTopic("news", 2, 1)])
first = member(Committing)
assert until(lambda: len(first.assignment()) == 2, first)
second = member(None)
following = threading.Thread(target=until, args=(lambda: len(second.assignment()) == 2, second), daemon=True)
following.start()

failed, since = 0, None
end = time.monotonic() + PATIENCE
while time.monotonic() < end and failed < 50:
    try:
        first.poll(timeout_ms=500)
        failed = 0
    except KafkaError as error:
        since = since or f"{type(error).__name__}: {error}"
        failed += 1
        time.sleep(0.2)
following.join(PATIENCE)
print("inside of the listener:", *raised_inside[:1])
print("poll() of the first member, fifty times in a row:" if failed == 50 else "poll() recovered:", since)
print("partitions of the second member:", len(second.assignment()), flush=True)
os._exit(0 if failed == 50 and raised_inside else 1)
PYTHON
