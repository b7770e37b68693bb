"""What stands in deploy/ fits the product: settings, commands, topics, groups; and it is locked down."""

import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from configparser import ConfigParser
from dataclasses import fields
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from services.cli import COMMANDS
from services.cli.run import SERVICES
from shared.bus import BULK
from shared.bus.kafka_url import KafkaSettings, read_url
from shared.config import PREFIX, Settings, load_settings
from shared.telemetry.lanes import READS
from tests.architecture.rules import ROOT

DEPLOY: Final = ROOT / "deploy"
KUBERNETES: Final = DEPLOY / "kubernetes"
DOCKERFILE: Final = (DEPLOY / "Dockerfile").read_text("utf-8")
COMPOSE: Final[dict[str, Any]] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
CONTAINERS: Final[dict[str, Any]] = COMPOSE["services"]
OURS: Final = ("migrate", *SERVICES)
KNOWN: Final = {f"{PREFIX}{field.name.upper()}": field for field in fields(Settings)}
MENTIONED: Final = re.compile(rf"\b{PREFIX}[A-Z_]+\b")
PINNED: Final = re.compile(r":v?\d+\.\d+(\.\d+)?(-[\w.-]+)?$")


def manifests() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(KUBERNETES.rglob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text("utf-8")):
            yield path.relative_to(KUBERNETES).as_posix(), document


def of_kind(kind: str) -> Mapping[str, dict[str, Any]]:
    return {name: document for name, document in manifests() if document["kind"] == kind}


def texts() -> Iterator[tuple[str, str]]:
    """Every file but the development broker's, and those in which an operator keeps passwords."""
    for path in sorted(DEPLOY.rglob("*")):
        of_the_broker = path.is_relative_to(DEPLOY / "kafka")
        if path.is_file() and not of_the_broker and path.name not in (".env", "secrets.env"):
            yield path.relative_to(DEPLOY).as_posix(), path.read_text("utf-8")


def assert_is_a_command(arguments: Sequence[str]) -> None:
    assert arguments[0] in COMMANDS
    if arguments[0] == "run":
        assert [word for word in arguments[1:] if word not in ("--alone", *SERVICES)] == []


# ---- settings


def test_the_example_of_settings_has_every_one_with_its_default() -> None:
    lines = (DEPLOY / "env.example").read_text("utf-8").splitlines()
    given = dict(line.removeprefix("#").split("=", 1) for line in lines if re.match(rf"#?{PREFIX}\w+=", line))
    defaults = {name: Settings().redacted()[f.name] for name, f in KNOWN.items()}
    assert given == defaults


def test_every_setting_that_is_named_exists() -> None:
    named = {(name, found) for name, text in texts() for found in MENTIONED.findall(text)}
    unknown = {(file, name) for file, name in named if {name, name.removesuffix("_FILE")}.isdisjoint(KNOWN)}
    assert unknown - {("env.example", "VIGIE_")} == set()


def test_the_settings_of_compose_are_accepted() -> None:
    environment = {name: filled(value) for name, value in CONTAINERS["portal"]["environment"].items()}
    settings = load_settings(environment, DEPLOY)
    assert settings.store_url.startswith("postgresql+psycopg://")
    assert settings.http_host_port == ("0.0.0.0", 8080)
    assert read_url(settings.bus_url).replication == 1


def test_the_settings_of_the_kubernetes_example_are_accepted() -> None:
    base, example = (
        yaml.safe_load((KUBERNETES / f"{d}/kustomization.yaml").read_text()) for d in ("base", "example")
    )
    lines = [line for k in (base, example) for line in k["configMapGenerator"][0]["literals"]]
    lines += (KUBERNETES / "example/secrets.example.env").read_text("utf-8").split()
    settings = load_settings(dict(line.split("=", 1) for line in lines), DEPLOY)
    assert settings.public_url.startswith("https://")
    assert read_url(settings.bus_url).replication == 3


def filled(value: str) -> str:
    """Compose's interpolation, for `${NAME:-default}` and `${NAME:?reason}`."""
    return re.sub(r"\$\{\w+:(-|\?)([^}]*)\}", lambda m: m[2] if m[1] == "-" else "secret", value)


# ---- the image


def test_the_image_runs_as_a_number_that_is_not_root_and_asks_vigie_for_its_health() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    user = re.search(r"^USER (\d+):(\d+)$", last, re.MULTILINE)
    assert user is not None
    assert user.groups() == ("10001", "10001")
    assert 'CMD ["vigie", "status", "--here"]' in last
    assert 'ENTRYPOINT ["vigie"]' in last


def test_the_image_copies_what_the_distribution_is_made_of() -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    for name in packages["targets"]["wheel"]["packages"]:
        assert f"COPY {name} ./{name}" in DOCKERFILE
        assert f"!{name}" in ignored


def the_pins() -> dict[str, str]:
    lines = [line for line in (DEPLOY / "constraints.txt").read_text("utf-8").splitlines() if line[:1] != "#"]
    return dict(line.split("==") for line in lines)


def test_what_developers_install_takes_the_versions_that_are_pinned() -> None:
    """`pip install --constraint deploy/constraints.txt -e '.[dev]'` finds a way: typer once had none."""
    pins, refused = the_pins(), []
    for each in distributions():
        name = canonicalize_name(each.metadata["Name"])
        if pins.get(name, each.version) != each.version:
            continue  # this environment is newer than the image: another version may need something else
        for line in each.requires or ():
            needed = Requirement(line)
            applies = needed.marker is None or needed.marker.evaluate({"extra": ""})
            pinned = pins.get(canonicalize_name(needed.name))
            if applies and pinned is not None and pinned not in needed.specifier:
                refused.append(f"{name} {each.version} needs {needed}, and {pinned} is pinned")
    assert refused == []


def test_the_constraints_pin_every_dependency_to_a_version_that_it_may_have() -> None:
    pins = the_pins()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    for line in (*project["dependencies"], *extras["kafka"], *extras["postgres"]):
        needed = Requirement(line)
        assert pins[canonicalize_name(needed.name)] in needed.specifier


# ---- compose


def test_compose_has_every_service_and_a_migration_before_it() -> None:
    assert set(OURS) < set(CONTAINERS)
    for name in SERVICES:
        assert CONTAINERS[name]["command"] == ["run", "--alone", name]
        assert CONTAINERS[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert_is_a_command(CONTAINERS["migrate"]["command"])


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_is_pinned_and_bounded_and_gains_no_privilege(name: str) -> None:
    container = CONTAINERS[name]
    assert PINNED.search(container["image"]), container["image"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["mem_limit"]
    assert container["logging"]["options"]["max-size"]


@pytest.mark.parametrize("name", OURS)
def test_a_container_of_ours_has_no_capability_writes_nowhere_and_gets_time_to_stop(name: str) -> None:
    container = CONTAINERS[name]
    assert container["cap_drop"] == ["ALL"]
    assert container["read_only"] is True
    assert container["stop_grace_period"] == "20s"
    assert "user" not in container  # the image's, which is not root
    assert "privileged" not in container


def test_compose_listens_on_loopback_alone() -> None:
    ports = [port for container in CONTAINERS.values() for port in container.get("ports", ())]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


# ---- Kubernetes


def test_kubernetes_has_every_service_once() -> None:
    workloads = [*of_kind("StatefulSet").values(), *of_kind("Deployment").values()]
    found = {w["metadata"]["name"]: w for w in workloads if w["metadata"]["name"] != "any"}
    assert set(found) == {f"vigie-{name}" for name in SERVICES}
    for name in SERVICES:
        container = found[f"vigie-{name}"]["spec"]["template"]["spec"]["containers"][0]
        assert container["args"] == ["run", "--alone", name]
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert "memory" in container["resources"]["limits"]


def test_every_file_of_kubernetes_is_reached_from_a_kustomization() -> None:
    reached = set()
    for name, document in manifests():
        if name.endswith("kustomization.yaml"):
            folder = Path(name).parent
            paths = [
                *document.get("resources", ()),
                *(p["path"] for p in document.get("patches", ()) if "path" in p),
            ]
            reached |= {(folder / path).as_posix() for path in paths}
    alone = {n for n, _ in manifests()} - reached
    assert {name for name in alone if not name.endswith("kustomization.yaml")} == set()
    assert {path for path in reached if not (KUBERNETES / path).exists()} == set()


def test_every_pod_is_locked_down() -> None:
    spec = dict(manifests())["base/pods.yaml"]["spec"]["template"]["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    for container in (*spec["containers"], *spec["initContainers"]):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
    assert_is_a_command(spec["initContainers"][0]["args"])


def test_autoscaling_watches_the_lanes_that_each_stage_reads() -> None:
    scaled = {d["metadata"]["name"].removeprefix("vigie-"): d["spec"] for d in of_kind("ScaledObject").values()}
    assert set(scaled) == {stage for stage, topics in READS.items() if topics}
    for stage, spec in scaled.items():
        watched = {(t["metadata"]["topic"], t["metadata"]["consumerGroup"]) for t in spec["triggers"]}
        assert watched == {(topic, stage + BULK if topic.endswith(BULK) else stage) for topic in READS[stage]}
        assert spec["scaleTargetRef"]["name"] == f"vigie-{stage}"
        assert spec["maxReplicaCount"] <= KafkaSettings(("kafka:9092",)).partitions
        assert all(isinstance(value, str) for t in spec["triggers"] for value in t["metadata"].values())


# ---- the journal


def test_every_notifier_has_a_journal_outside_of_the_data(unit: ConfigParser) -> None:
    """On a volume of its own, which a backup of database or data folder does not touch."""
    notifier = of_kind("StatefulSet")["base/notifier.yaml"]["spec"]
    (pod,) = notifier["template"]["spec"]["containers"]
    compose, image = CONTAINERS["notifier"], re.search(r"VIGIE_JOURNAL=(\S+)", DOCKERFILE)
    of_unit = re.search(r"^Environment=VIGIE_JOURNAL=(.+)$", (DEPLOY / "systemd/vigie.service").read_text(), re.M)
    assert image
    assert of_unit
    places = [
        (pod["env"][0]["value"], pod["volumeMounts"][0]["mountPath"]),
        (compose["environment"]["VIGIE_JOURNAL"], compose["volumes"][0].partition(":")[2]),
        (of_unit[1], f"/var/lib/{unit['Service']['StateDirectory'].split()[1]}"),
        (image[1], "/var/lib/vigie-journal"),
    ]
    assert [journal for journal, folder in places if Path(journal).parent != Path(folder)] == []
    assert [journal for journal, _ in places if Path(journal).is_relative_to("/var/lib/vigie")] == []
    assert notifier["volumeClaimTemplates"][0]["metadata"]["name"] == pod["volumeMounts"][0]["name"]
    assert compose["volumes"][0].partition(":")[0] in COMPOSE["volumes"]


# ---- systemd


@pytest.fixture(scope="module")
def unit() -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=False)  # a key may stand twice
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(DEPLOY / "systemd/vigie.service", "utf-8")
    return parser


def test_the_unit_runs_vigie_without_privileges_and_writes_to_its_state_alone(unit: ConfigParser) -> None:
    service = unit["Service"]
    command = shlex.split(service["ExecStart"])
    assert command[0].endswith("/vigie")
    assert_is_a_command(command[1:])
    assert service["User"] == "vigie"
    assert service["CapabilityBoundingSet"] == ""
    assert service["ProtectSystem"] == "strict"
    assert service["StateDirectory"].split() == ["vigie", "vigie-journal"]
    yes = (
        "NoNewPrivileges",
        "PrivateTmp",
        "PrivateDevices",
        "ProtectHome",
        "ProtectKernelModules",
        "RestrictSUIDSGID",
    )
    assert {name: service[name] for name in yes} == dict.fromkeys(yes, "yes")


def test_the_unit_gives_a_stop_more_time_than_vigie_takes(unit: ConfigParser) -> None:
    from shared.supervise import GRACE

    assert float(unit["Service"]["TimeoutStopSec"]) > GRACE
    assert unit["Service"]["KillMode"] == "mixed"


def test_no_example_holds_a_password() -> None:
    passwords = re.compile(r"://[^/\s:]+:([^:@/\s]+)@")
    found = {password for _, text in texts() for password in passwords.findall(text)}
    assert {each for each in found if not each.startswith("${")} == {"CHANGE-ME", "PASSWORD"}
