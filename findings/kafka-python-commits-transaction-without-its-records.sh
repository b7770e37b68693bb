#!/usr/bin/env bash
# kafka-python 3.0.12: commit_transaction() succeeds although a record of the transaction was given up.
#
# Expected: all or nothing. A batch that failed makes the transaction one that can only be aborted, and the commit
#           raises (as the Java client's commitTransaction does: callers need not ask every future).
# Seen:     with the broker away for longer than delivery_timeout_ms, the future of the second record fails; the commit
#           after the broker is back returns without a word, and readers of committed records see the first one alone.
set -euo pipefail
WORK=$(mktemp -d)
. "$(dirname "$0")/lib/kafka.bash"
brokers 1
"$python" - <<'PYTHON'
import os
import signal
import subprocess
import time

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

SERVERS, WORK = os.environ["SERVERS"], os.environ["WORK"]
producer = KafkaProducer(
    bootstrap_servers=SERVERS, transactional_id="t", request_timeout_ms=4000, delivery_timeout_ms=8000
)
producer.init_transactions()
producer.begin_transaction()
producer.send("topic", b"first half").get(30)
os.kill(int(open(f"{WORK}/1.pid").read()), signal.SIGKILL)
second = producer.send("topic", b"second half")
time.sleep(12)
print("second half:", repr(second.exception)[:60])
assert second.exception is not None
subprocess.Popen([f"{WORK}/1"])
while True:
    try:
        KafkaAdminClient(bootstrap_servers=SERVERS, bootstrap_timeout_ms=3000).describe_cluster()
        break
    except KafkaError:
        time.sleep(1)
try:
    producer.commit_transaction()
except KafkaError as error:
    raise SystemExit(f"kafka-python has changed: the commit raises {error!r}")
print("commit:      returned")
reader = KafkaConsumer(bootstrap_servers=SERVERS, isolation_level="read_committed", group_id=None)
reader.assign([TopicPartition("topic", 0)])
reader.seek_to_beginning()
read, end = [], time.monotonic() + 15
while time.monotonic() < end:
    read += [record.value for batch in reader.poll(timeout_ms=500).values() for record in batch]
print("committed:  ", read)
assert read == [b"first half"], "kafka-python has changed: the transaction is whole, or not there"
os._exit(0)
PYTHON
