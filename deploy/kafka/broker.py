"""A real Apache Kafka (KRaft) on loopback without Docker, for development and tests. Needs Java 17 and Maven.

    python deploy/kafka/broker.py start [--nodes 3] [--port 9092]    fetch, start, print the address
    python deploy/kafka/broker.py stop | wipe

The jars come from Maven Central by the pom beside this file and stay in `jars` beside it. Data, logs and pids
lie in the folder that --dir names (default: data/kafka). Not for production: one machine, no TLS, no passwords but
on a further listener that --login adds.
"""

import argparse
import base64
import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CLUSTER_ID = "TkU3OEVBNTcwNTJENDM2Qg"  # any 16 bytes in base64-url
META, BOOTSTRAP = "meta.properties", "bootstrap.checkpoint"  # what a formatted folder holds
START_SECONDS = 90
STOP_SECONDS = 30


@dataclass(frozen=True)
class Cluster:
    """Nodes 1..n on loopback: node i listens on `port` + i - 1, its controller 1000 above.

    With a `login` (user:password) it also listens 2000 above, for those who log in: by PLAIN as that user, or by
    SCRAM-SHA-512 as whoever has been given credentials.
    """

    folder: Path
    nodes: int
    port: int
    jars: Path = HERE / "jars"
    heap: str = "384m"
    options: Sequence[str] = ()  # for Java
    login: str = ""

    @property
    def numbers(self) -> range:
        return range(1, self.nodes + 1)

    @property
    def bootstrap(self) -> str:
        return ",".join(f"127.0.0.1:{self.broker_port(node)}" for node in self.numbers)

    @property
    def bootstrap_with_login(self) -> str:
        return ",".join(f"127.0.0.1:{self.login_port(node)}" for node in self.numbers)

    def broker_port(self, node: int) -> int:
        return self.port + node - 1

    def controller_port(self, node: int) -> int:
        return self.port + 1000 + node - 1

    def login_port(self, node: int) -> int:
        return self.port + 2000 + node - 1

    def pid_file(self, node: int) -> Path:
        return self.folder / f"node-{node}.pid"

    def properties(self, node: int) -> str:
        """The settings of a node. Auto-creation is off, as it should be wherever partitions matter."""
        copies, least = (3, 2) if self.nodes >= 3 else (1, 1)
        voters = ",".join(f"{n}@127.0.0.1:{self.controller_port(n)}" for n in self.numbers)
        broker = f"PLAINTEXT://127.0.0.1:{self.broker_port(node)}"
        if self.login:
            broker += f",SASL://127.0.0.1:{self.login_port(node)}"
        return "\n".join(
            (
                "process.roles=broker,controller",
                f"node.id={node}",
                f"controller.quorum.voters={voters}",
                f"listeners={broker},CONTROLLER://127.0.0.1:{self.controller_port(node)}",
                f"advertised.listeners={broker}",
                "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
                "controller.listener.names=CONTROLLER",
                "inter.broker.listener.name=PLAINTEXT",
                f"log.dirs={self.folder / f'node-{node}'}",
                "auto.create.topics.enable=false",
                f"default.replication.factor={copies}",
                f"min.insync.replicas={least}",
                f"offsets.topic.replication.factor={copies}",
                "offsets.topic.num.partitions=10",
                f"transaction.state.log.replication.factor={copies}",
                f"transaction.state.log.min.isr={least}",
                f"share.coordinator.state.topic.replication.factor={copies}",
                f"share.coordinator.state.topic.min.isr={least}",
                "group.initial.rebalance.delay.ms=0",
                "group.min.session.timeout.ms=1000",
                "log.message.timestamp.type=LogAppendTime",
                *self._login_properties(),
                "",
            )
        )

    def _login_properties(self) -> Sequence[str]:
        if not self.login:
            return ()
        user, _, password = self.login.partition(":")
        modules = "org.apache.kafka.common.security"
        return (
            "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512",
            "listener.name.sasl.plain.sasl.jaas.config="
            f'{modules}.plain.PlainLoginModule required user_{user}="{password}";',
            f"listener.name.sasl.scram-sha-512.sasl.jaas.config={modules}.scram.ScramLoginModule required;",
        )


LOGGING = """rootLogger.level=warn
rootLogger.appenderRef.console.ref=console
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d %p %c{1} %m%n
"""


def fetch(jars: Path) -> None:
    """Let Maven copy the jars into `jars`, unless they are there: once, whoever else wants them at the same time.

    Raises SystemExit with what is missing.
    """
    jars.mkdir(parents=True, exist_ok=True)
    with (jars / ".fetching").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not any(jars.glob("kafka_2.13-*.jar")):
            _copy(jars)


def _copy(jars: Path) -> None:
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            raise SystemExit(
                f"{program} is missing: install Java 17 and Maven (Debian: apt install default-jre maven)"
            )
    print("fetching Apache Kafka from Maven Central ...", file=sys.stderr)
    goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
    options = (f"-DoutputDirectory={jars}", "-DincludeScope=runtime")
    try:
        subprocess.run(["mvn", "-B", "-q", "-f", str(HERE / "pom.xml"), goal, *options], check=True)
    except BaseException:
        for half in jars.glob("*.jar"):  # what is not whole is not there
            half.unlink()
        raise


def start(cluster: Cluster) -> list[subprocess.Popen[bytes]]:
    """Format and start all nodes at once (the quorum needs a majority), and wait until they listen."""
    cluster.folder.mkdir(parents=True, exist_ok=True)
    fetch(cluster.jars)
    (cluster.folder / "log4j2.properties").write_text(LOGGING, "utf-8")
    for node in cluster.numbers:
        (cluster.folder / f"node-{node}.properties").write_text(cluster.properties(node), "utf-8")
        format_node(cluster, node)
    processes = [start_node(cluster, node) for node in cluster.numbers]
    for node in cluster.numbers:
        wait_for(cluster, node)
    return processes


def format_node(cluster: Cluster, node: int) -> None:
    """Give the node an empty folder for its data, unless it has one.

    The first one that these jars format is done by their own tool, which takes a Java a second. What it writes
    besides the node's identity is the same for every node, so it stays beside the jars for all others.
    """
    folder = cluster.folder / f"node-{node}"
    kept = cluster.jars / f"{next(cluster.jars.glob('kafka_2.13-*.jar')).stem}.{BOOTSTRAP}"
    if (folder / META).exists():
        return
    if kept.exists():
        folder.mkdir(exist_ok=True)
        shutil.copyfile(kept, folder / BOOTSTRAP)
        directory = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        identity = {"version": 1, "cluster.id": CLUSTER_ID, "node.id": node, "directory.id": directory}
        (folder / META).write_text("".join(f"{name}={value}\n" for name, value in identity.items()), "utf-8")
        return
    storage = ("kafka.tools.StorageTool", "format", "--cluster-id", CLUSTER_ID, "--config", _config(cluster, node))
    subprocess.run(_java(cluster, *storage), check=True, stdout=subprocess.DEVNULL)
    draft = kept.with_suffix(f".{os.getpid()}")
    shutil.copyfile(folder / BOOTSTRAP, draft)
    draft.replace(kept)


def start_node(cluster: Cluster, node: int) -> subprocess.Popen[bytes]:
    """Start one formatted node; returns before it listens."""
    with (cluster.folder / f"node-{node}.log").open("ab") as log:
        process = subprocess.Popen(
            _java(cluster, "kafka.Kafka", _config(cluster, node)), stdout=log, stderr=log, start_new_session=True
        )
    cluster.pid_file(node).write_text(str(process.pid), "utf-8")
    return process


def wait_for(cluster: Cluster, node: int) -> None:
    """Until the node listens. Raises SystemExit with the end of its log when it ends, or does not come up."""
    end = time.monotonic() + START_SECONDS
    pid = int(cluster.pid_file(node).read_text("utf-8"))
    while time.monotonic() < end and _runs(pid):
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", cluster.broker_port(node))) == 0:
                return
        time.sleep(0.2)
    log = (cluster.folder / f"node-{node}.log").read_text("utf-8", "replace")
    why = next((line for line in log.splitlines() if "Address already in use" in line), "")
    raise SystemExit(f"node {node} ended, or does not listen after {START_SECONDS} s: {why}\n{log[-2000:]}")


def stop_node(cluster: Cluster, node: int, sig: int = signal.SIGTERM) -> None:
    """End a node that this script started, by its pid."""
    file = cluster.pid_file(node)
    if not file.exists():
        return
    pid = int(file.read_text("utf-8"))
    file.unlink()
    try:
        os.kill(pid, sig)
    except ProcessLookupError:
        return
    end = time.monotonic() + STOP_SECONDS
    while _runs(pid):
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)


def stop(folder: Path) -> None:
    """End all nodes of a folder."""
    nodes = sorted(int(file.stem.removeprefix("node-")) for file in folder.glob("node-*.pid"))
    for node in nodes:
        stop_node(Cluster(folder, len(nodes), 0), node)


def _runs(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # ours: take it off the process table
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _config(cluster: Cluster, node: int) -> str:
    return str(cluster.folder / f"node-{node}.properties")


def _java(cluster: Cluster, *command: str) -> Sequence[str]:
    logging = f"-Dlog4j2.configurationFile={cluster.folder / 'log4j2.properties'}"
    memory = ("-Xms128m", f"-Xmx{cluster.heap}")
    return ("java", *cluster.options, *memory, logging, "-cp", f"{cluster.jars}/*", *command)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("start", "stop", "wipe"))
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1)
    parser.add_argument("--port", type=int, default=9092, help="of the first node")
    parser.add_argument("--login", metavar="USER:PASSWORD", default="", help="listen for logins too, 2000 above")
    parser.add_argument("--dir", type=Path, default=Path("data/kafka"), help="of data, logs and pids")
    args = parser.parse_args()
    folder = args.dir.resolve()
    if args.action == "start":
        cluster = Cluster(folder, args.nodes, args.port, login=args.login)
        start(cluster)
        print(f"kafka://{cluster.bootstrap}")
        return
    stop(folder)
    if args.action == "wipe":
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
