#!/usr/bin/env bash
# kafka-python 3.0.12: a consumer or administrator that finds no broker leaves a running thread and open files behind.
#
# Expected: a constructor that raises has given back what it took; a service that waits for its brokers may try again
#           as often as it likes.
# Seen:     each failed KafkaConsumer(…) and KafkaAdminClient(…) leaves one thread "kafka-io-…" and four file
#           descriptors, which no garbage collection frees, and nothing is returned that could be closed. At one try a
#           second, a limit of 1,024 files is met after some four minutes. KafkaProducer(…) leaves nothing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install 'kafka-python==3.0.12'
"$work/venv/bin/python" - <<'PYTHON'
import gc
import os
import socket
import threading
import time

import kafka
from kafka.errors import KafkaError

TRIES = 5
with socket.socket() as taken:  # bound, so that nobody else listens there, but not listening
    taken.bind(("127.0.0.1", 0))
    nobody = "127.0.0.1:%d" % taken.getsockname()[1]

    def left_by(kind):
        """Threads and file descriptors that so many failures leave."""
        threads, files = threading.active_count(), len(os.listdir("/proc/self/fd"))
        for _ in range(TRIES):
            try:
                kind(bootstrap_servers=nobody, bootstrap_timeout_ms=500)
                raise SystemExit("somebody answered")
            except KafkaError:
                pass
        gc.collect()
        time.sleep(2)
        return threading.active_count() - threads, len(os.listdir("/proc/self/fd")) - files

    found = {kind.__name__: left_by(kind) for kind in (kafka.KafkaProducer, kafka.KafkaConsumer, kafka.KafkaAdminClient)}
print("kafka-python", kafka.__version__, f"after {TRIES} failures: (threads, files) left", found)
assert found["KafkaProducer"] == (0, 0)
assert found["KafkaConsumer"] == found["KafkaAdminClient"] == (TRIES, 4 * TRIES), "kafka-python has changed"
PYTHON
