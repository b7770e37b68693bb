#!/usr/bin/env bash
# kafka-python 3.0.12: with allow_auto_create_topics=False, consumers and producers make topics all the same.
#
# Expected: the setting (both clients have it) keeps a client from making a topic by asking for one, on brokers that
#           allow it, which is Kafka's default: a mistyped name is an error, and no topic with the broker's number of
#           partitions lies in the way of the one that was meant.
# Seen:     the setting does not reach the requests for metadata. Whoever subscribes to a missing topic makes it, and a
#           record that is sent to one is delivered to a new topic.
set -euo pipefail
WORK=$(mktemp -d)
. "$(dirname "$0")/lib/kafka.bash"
brokers 1 auto.create.topics.enable=true
"$python" - <<'PYTHON'
import os

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

SERVERS = os.environ["SERVERS"]
consumer = KafkaConsumer("mistyped", bootstrap_servers=SERVERS, group_id="g", allow_auto_create_topics=False)
consumer.poll(timeout_ms=5000)
producer = KafkaProducer(bootstrap_servers=SERVERS, allow_auto_create_topics=False)
sent = producer.send("misspelt", b"x").get(30)
topics = KafkaAdminClient(bootstrap_servers=SERVERS).list_topics()
print("subscribed, and made:", "mistyped" in topics, "| sent to, and made:", "misspelt" in topics, sent.offset)
assert consumer.config["allow_auto_create_topics"] is False
assert {"mistyped", "misspelt"} <= set(topics), "kafka-python has changed: it keeps to its setting"
os._exit(0)
PYTHON
