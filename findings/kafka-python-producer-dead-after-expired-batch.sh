#!/usr/bin/env bash
# kafka-python 3.0.12: a producer that had to give a batch up never sends again, although the broker is back.
#
# Expected: when a broker was away for longer than delivery_timeout_ms, the futures of those records fail, and records
#           sent once it is back are delivered: the producer is told to retry, and nothing says that it is spent.
# Seen:     the batch under retry stays in the way. Every later record waits in the producer, its own delivery time-out
#           passes without an answer on its future, for as long as one looks; another producer delivers at once.
set -euo pipefail
WORK=$(mktemp -d)
. "$(dirname "$0")/lib/kafka.bash"
brokers 1
"$python" - <<'PYTHON'
import os
import signal
import time

from kafka import KafkaProducer
from kafka.errors import KafkaTimeoutError

BROKER = int(open(os.environ["WORK"] + "/1.pid").read())
DELIVERY, BACK = 10, 180  # seconds


def producer():
    return KafkaProducer(
        bootstrap_servers=os.environ["SERVERS"], request_timeout_ms=5000, delivery_timeout_ms=DELIVERY * 1000
    )


first = producer()
print("before the outage:", first.send("topic", b"one").get(30).offset)
os.kill(BROKER, signal.SIGSTOP)
lost = first.send("topic", b"two")
time.sleep(DELIVERY + 5)
print("in the outage:    ", type(lost.exception).__name__)
assert isinstance(lost.exception, KafkaTimeoutError)
os.kill(BROKER, signal.SIGCONT)
back, tries = time.monotonic(), []
while time.monotonic() < back + BACK:
    tries.append(first.send("topic", b"three"))
    time.sleep(2 * DELIVERY)
delivered = [future.offset for future in tries if future.is_done and not future.exception] if tries else []
silent = sum(not future.is_done for future in tries)
print(f"after it, {BACK} s:   ", f"{len(tries)} sent, {len(delivered)} delivered, {silent} futures without any answer")
print("a new producer:   ", producer().send("topic", b"four").get(30).offset)
assert not delivered, "kafka-python has changed: the producer delivers again"
os._exit(0)  # its close would wait for what it never sends
PYTHON
