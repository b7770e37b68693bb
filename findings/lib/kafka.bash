# Sourced by findings/kafka-python-*.sh: kafka-python and Apache Kafka on loopback, in the temporary folder $WORK.
#
# `brokers N [PROPERTY…]` makes and starts N brokers. $SERVERS are their addresses; "$WORK/N" starts broker N again,
# whose process id is in "$WORK/N.pid". "$python" is a Python with kafka-python. All ends and goes with the script.
# Needs Java 17 or newer, Maven, and Python 3.11 or newer.
KAFKA=4.1.1
KAFKA_PYTHON=3.0.12
export WORK
python="$WORK/venv/bin/python"

end() {
    local file pid
    for file in "$WORK"/*.pid; do
        pid=$(cat "$file") && kill -KILL "$pid" && while kill -0 "$pid"; do sleep 0.1; done
    done
    rm -rf "$WORK"
}
trap 'set +e; end 2>/dev/null' EXIT

python3 -m venv "$WORK/venv"
"$python" -m pip --quiet --disable-pip-version-check install "kafka-python==$KAFKA_PYTHON"

brokers() {
    local ports voters="" n
    cat >"$WORK/pom.xml" <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>broker</artifactId><version>1</version><packaging>pom</packaging><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$KAFKA</version></dependency>
<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId>
<version>2.24.3</version></dependency></dependencies></project>
XML
    mvn -B -q -Dstyle.color=never -f "$WORK/pom.xml" -DincludeScope=runtime -DoutputDirectory="$WORK/jars" \
        org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies >"$WORK/maven.log" 2>&1 \
        || { cat "$WORK/maven.log" >&2; exit 2; }
    # below those that the kernel gives to clients: one that tries to reach a broker that is down may reach itself
    read -ra ports < <(python3 -c 'import random, socket, sys
def free(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) != 0
print(*random.sample([port for port in random.sample(range(20000, 32000), 50) if free(port)], 2 * int(sys.argv[1])))' "$1")
    for ((n = 1; n <= $1; n++)); do voters+="${voters:+,}$n@127.0.0.1:${ports[n + $1 - 1]}"; done
    export SERVERS=""
    for ((n = 1; n <= $1; n++)); do
        cat >"$WORK/$n.properties" <<PROPERTIES
process.roles=broker,controller
node.id=$n
controller.quorum.voters=$voters
listeners=PLAINTEXT://127.0.0.1:${ports[n - 1]},CONTROLLER://127.0.0.1:${ports[n + $1 - 1]}
advertised.listeners=PLAINTEXT://127.0.0.1:${ports[n - 1]}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs=$WORK/data-$n
offsets.topic.replication.factor=$1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=$1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=3
group.initial.rebalance.delay.ms=0
$(printf '%s\n' "${@:2}")
PROPERTIES
        java -cp "$WORK/jars/*" kafka.tools.StorageTool format --cluster-id TkU3OEVBNTcwNTJENDM2Qg \
            --config "$WORK/$n.properties" >"$WORK/$n.log" 2>&1
        printf '#!/bin/sh\necho $$ >%q\nexec java -Xmx384m -cp %q kafka.Kafka %q >>%q 2>&1\n' \
            "$WORK/$n.pid" "$WORK/jars/*" "$WORK/$n.properties" "$WORK/$n.log" >"$WORK/$n"
        chmod +x "$WORK/$n"
        "$WORK/$n" &
        disown
        SERVERS+="${SERVERS:+,}127.0.0.1:${ports[n - 1]}"
    done
    "$python" - <<'PYTHON'
import os
import time

from kafka import KafkaAdminClient

servers, end = os.environ["SERVERS"].split(","), time.monotonic() + 90
while True:
    try:
        admin = KafkaAdminClient(bootstrap_servers=servers, bootstrap_timeout_ms=5000)
        if len(admin.describe_cluster()["brokers"]) == len(servers):
            os._exit(0)
    except Exception as error:
        if time.monotonic() > end:
            raise SystemExit(f"no Kafka: {error!r}")
    time.sleep(0.5)
PYTHON
    echo "Apache Kafka $KAFKA, kafka-python $KAFKA_PYTHON"
}
