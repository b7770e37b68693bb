#!/usr/bin/env bash
# kafka-python 3.0.12: an administrator asks a broker that is gone about a group, for ever.
#
# Expected: when the broker that coordinates a group ends, the others take the group over within seconds, and whoever
#           asks for its offsets finds the new coordinator, as consumers and the Java AdminClient do.
# Seen:     KafkaAdminClient keeps the first answer to "who coordinates this group". After that broker's end
#           list_group_offsets() fails every time, while a new administrator gets the offsets at once. It must be closed
#           and made anew, or the broker must come back.
set -euo pipefail
WORK=$(mktemp -d)
. "$(dirname "$0")/lib/kafka.bash"
brokers 3
"$python" - <<'PYTHON'
import os
import signal
import time

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import NewTopic
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

SERVERS, PLACE, LOOK = os.environ["SERVERS"].split(","), TopicPartition("topic", 0), 90  # seconds
GROUP, PARTITION = "a", ord("a") % 3  # Kafka's rule for the one of the three that keeps the offsets of this group


def administrator():
    return KafkaAdminClient(bootstrap_servers=SERVERS, request_timeout_ms=5000)


def offset(admin):
    return admin.list_group_offsets({GROUP: [PLACE]})[GROUP][PLACE].offset


old = administrator()
old.create_topics([NewTopic("topic", 1, 3)])
member = KafkaConsumer(bootstrap_servers=SERVERS, group_id=GROUP)
member.assign([PLACE])
member.commit({PLACE: OffsetAndMetadata(7, "", -1)})
member.close()
print("before:            offset", offset(old))
(kept,) = old.describe_topics(["__consumer_offsets"])
broker = next(one["leader_id"] for one in kept["partitions"] if one["partition_index"] == PARTITION)
os.kill(int(open(f"{os.environ['WORK']}/{broker}.pid").read()), signal.SIGKILL)
print("coordinator ended: broker", broker)
time.sleep(30)
end, answers = time.monotonic() + LOOK, []
while time.monotonic() < end:
    try:
        answers.append(offset(old))
    except KafkaError as error:
        answers.append(type(error).__name__)
    time.sleep(2)
fresh = offset(administrator())
print(f"the same, {LOOK} s:   ", {answer: answers.count(answer) for answer in answers})
print("a new one:         offset", fresh)
assert fresh == 7
assert 7 not in answers, "kafka-python has changed: it looks for the new coordinator"
os._exit(0)
PYTHON
