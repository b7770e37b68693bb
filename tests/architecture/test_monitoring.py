"""Prometheus and Grafana ask for what the portal gives, and nothing else; the rules do what they say."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from services.cli import COMMANDS
from services.portal.metrics import Metrics
from shared.bus import TOPICS
from shared.bus.sqlite import SqliteBus
from shared.config import load_settings
from shared.sources.states import State
from shared.subscriptions.deliveries import counts
from tests.architecture.test_deploy import CONTAINERS, DEPLOY, filled
from tests.fakes import FakeClock, a_store

PROMETHEUS: Final = DEPLOY / "prometheus"
GRAFANA: Final = DEPLOY / "grafana"
CONFIG: Final[dict[str, Any]] = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text("utf-8"))
GROUPS: Final = yaml.safe_load((PROMETHEUS / "rules.yml").read_text("utf-8"))["groups"]
RULES: Final[list[dict[str, Any]]] = [rule for group in GROUPS for rule in group["rules"]]
TESTS: Final = ("rules.test.yml", "drift.test.yml")
TESTED: Final = "".join((PROMETHEUS / name).read_text("utf-8") for name in TESTS)
DASHBOARD: Final[dict[str, Any]] = json.loads((GRAFANA / "dashboards/vigie.json").read_text("utf-8"))
PANELS: Final[list[dict[str, Any]]] = DASHBOARD["panels"]
DATASOURCE: Final = yaml.safe_load((GRAFANA / "datasources/prometheus.yaml").read_text("utf-8"))["datasources"][0]
METRIC: Final = re.compile(r"\bvigie_\w+")
COMMAND: Final = re.compile(r"`vigie (\w+)")
SELECTED: Final = re.compile(r"\b(vigie_\w+)\{state(?:=~|!=|=)\"([^\"]*)\"")


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What the portal answers."""
    folder, clock = tmp_path_factory.mktemp("metrics"), FakeClock()
    store, bus = a_store(folder, clock), SqliteBus(folder / "bus.db", clock)
    bus.ensure_topics(TOPICS)
    yield Metrics(store, bus, clock).text().decode()
    bus.close()
    store.close()


def names(text: str) -> frozenset[str]:
    """The gauges that are given: those that have a help line."""
    return frozenset(re.findall(r"^# HELP (\w+) ", text, re.MULTILINE))


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in RULES)
    yield from (target["expr"] for panel in PANELS for target in panel["targets"])


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Skips where it is missing, in CI too: it is no dependency, and the names above are held without it."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not here: apt install prometheus")
    return subprocess.run([program, *arguments], cwd=PROMETHEUS, capture_output=True, text=True, check=False)


# ---- names


def test_what_is_asked_for_is_given(given: str) -> None:
    asked = {name for each in expressions() for name in METRIC.findall(each)}
    assert asked - names(given) == set()


def test_the_tests_of_the_rules_feed_gauges_that_are_given(given: str) -> None:
    assert set(METRIC.findall(TESTED)) - names(given) == set()


def test_every_gauge_stands_on_the_dashboard_and_all_but_counts_have_a_rule(given: str) -> None:
    shown = {name for panel in PANELS for target in panel["targets"] for name in METRIC.findall(target["expr"])}
    watched = {name for rule in RULES for name in METRIC.findall(rule["expr"])}
    assert names(given) - shown == set()
    counts = {
        "vigie_items",
        "vigie_sources",  # what is red among these is a finding
        "vigie_deliveries",
        "vigie_stage_alive",
        "vigie_stage_red",
        "vigie_stage_dead_letters",
        "vigie_stage_backlog_records",
        "vigie_verdict_score_items",
        "vigie_verdict_model_items",
    }
    assert names(given) - watched == counts


def test_every_state_that_is_asked_for_exists(tmp_path: Path) -> None:
    with closing(a_store(tmp_path)) as store, store.reading() as session:
        known = {"vigie_sources": set(map(str, State)), "vigie_deliveries": set(counts(session))}
    asked = {
        (m, state) for each in expressions() for m, some in SELECTED.findall(each) for state in some.split("|")
    }
    assert asked
    assert {(metric, state) for metric, state in asked if state not in known[metric]} == set()


# ---- rules


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alert_says_what_to_do_with_a_command_that_exists_and_is_tested(rule: dict[str, Any]) -> None:
    commands = COMMAND.findall(rule["annotations"]["summary"])
    assert commands
    assert set(commands) <= set(COMMANDS)
    assert rule["labels"]["severity"] in ("critical", "warning", "info")
    assert rule["alert"] in TESTED


@pytest.mark.parametrize(
    "arguments",
    [("check", "config", "prometheus.yml"), ("check", "rules", "rules.yml"), ("test", "rules", *TESTS)],
    ids=" ".join,
)
def test_promtool_finds_nothing(arguments: tuple[str, ...]) -> None:
    done = promtool(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr


# ---- compose


def test_prometheus_asks_the_portal_of_compose_with_its_password() -> None:
    (job,) = CONFIG["scrape_configs"]
    portal = {name: filled(value) for name, value in CONTAINERS["portal"]["environment"].items()}
    _, port = load_settings(portal, DEPLOY).http_host_port
    assert job["static_configs"] == [{"targets": [f"portal:{port}"]}]
    (secret,) = CONTAINERS["prometheus"]["secrets"]
    assert job["basic_auth"] == {"username": "admin", "password_file": f"/run/secrets/{secret}"}


def test_the_rules_know_the_job_by_its_name() -> None:
    named = {job for each in expressions() for job in re.findall(r'job="(\w+)"', each)}
    assert named == {job["job_name"] for job in CONFIG["scrape_configs"]}
    assert CONFIG["rule_files"] == ["rules.yml"]


def test_grafana_finds_prometheus_and_its_dashboard() -> None:
    assert DATASOURCE["url"] == "http://prometheus:9090"
    assert {panel["datasource"]["uid"] for panel in PANELS} == {DATASOURCE["uid"]}
    assert {t["datasource"]["uid"] for panel in PANELS for t in panel["targets"]} == {DATASOURCE["uid"]}
    provider = yaml.safe_load((GRAFANA / "dashboards/dashboards.yaml").read_text("utf-8"))["providers"][0]
    mounts = dict(volume.split(":")[:2] for volume in CONTAINERS["grafana"]["volumes"])
    assert mounts["./grafana/dashboards"] == provider["options"]["path"]


@pytest.mark.parametrize("name", ["prometheus", "grafana"])
def test_what_compose_mounts_from_here_exists_and_is_read_only(name: str) -> None:
    ours = [volume.split(":") for volume in CONTAINERS[name]["volumes"] if volume.startswith("./")]
    assert ours
    assert [source for source, _, *mode in ours if mode != ["ro"] or not (DEPLOY / source).is_dir()] == []


@pytest.mark.parametrize("name", ["prometheus", "grafana"])
def test_who_holds_a_secret_has_a_root_that_compose_can_write_it_to(name: str) -> None:
    container = CONTAINERS[name]
    assert container["secrets"]
    assert "read_only" not in container
    assert container["cap_drop"] == ["ALL"]
