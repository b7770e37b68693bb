"""Random tests: a seed drawn anew in every run and told at its end. VIGIE_TEST_SEED brings one back."""

import os
import random
from typing import Any

import pytest


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> random.Random:
    seed = int(os.environ.get("VIGIE_TEST_SEED") or random.SystemRandom().randrange(10**6))
    request.node.user_properties.append(("seed", seed))
    return random.Random(seed)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [report for some in terminalreporter.stats.values() for report in some]
    called = [report for report in reports if getattr(report, "when", "") == "call"]
    seeds = {report.nodeid: value for report in called for name, value in report.user_properties if name == "seed"}
    if seeds:
        terminalreporter.section("seeds: VIGIE_TEST_SEED=… draws the same again")
        for test, seed in sorted(seeds.items()):
            terminalreporter.write_line(f"{seed:>6} {test}")
