#!/usr/bin/env bash
# kafka-python 3.0.12: once one producer was garbage-collected, the producers of the process warn of nothing any more.
#
# Expected: what a producer does when it goes away concerns that producer; others, and later ones, log as before.
# Seen:     its __del__ replaces the logger of the whole module kafka.producer.kafka by one that says nothing, also when
#           close() had been called properly. A producer made before that warns that acks=1 switches idempotence off;
#           the same one made after it does not, nor does any log that it was made or closed.
set -euo pipefail
WORK=$(mktemp -d)
. "$(dirname "$0")/lib/kafka.bash"
brokers 1
"$python" - <<'PYTHON'
import gc
import logging
import os

from kafka import KafkaProducer

heard = []
listener = logging.Handler()
listener.emit = lambda record: heard.append(f"{record.levelname}: {record.getMessage().split(': ', 1)[-1]}")
module = logging.getLogger("kafka.producer.kafka")
module.setLevel(logging.INFO)
module.propagate = False
module.addHandler(listener)


def what_a_producer_logs():
    """Of one that is made, sends a record and is closed; it is gone afterwards."""
    heard.clear()
    producer = KafkaProducer(bootstrap_servers=os.environ["SERVERS"], acks=1)
    producer.send("news", b"x").get(30)
    producer.close()
    seen = list(heard)
    del producer
    gc.collect()
    return seen


first, second = what_a_producer_logs(), what_a_producer_logs()
print("the first producer:", *first, sep="\n  ")
print("the second, made when the first was gone:", *second, sep="\n  ")
as_described = any(line.startswith("WARNING: Idempotence") for line in first) and not second
print("" if as_described else "the second logs as the first does now", flush=True)
os._exit(0 if as_described else 1)
PYTHON
