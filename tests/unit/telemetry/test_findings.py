"""From facts to findings: what is red, what is only shown, and what to do about each."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from shared.telemetry.facts import Facts, Notice, StageStatus, Weight
from shared.telemetry.findings import KINDS, Finding, findings, red

NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STAGES: Final = ("collector", "classifier", "archivist", "notifier", "portal")


def a_stage(**changed: Any) -> StageStatus:
    values: dict[str, Any] = {"alive": True, "backlog": 0, "dead": 0, "waits": None, "error": None}
    return StageStatus(**(values | changed))


def facts(*, stages: Mapping[str, StageStatus] | None = None, **changed: Any) -> Facts:
    """An installation at rest, but for what is said."""
    return Facts(NOW, stages=dict.fromkeys(STAGES, a_stage()) | (stages or {}), **changed)


def kinds(facts: Facts) -> list[tuple[str, str, str]]:
    return [(finding.id, finding.weight.value, finding.subject) for finding in findings(facts)]


def test_at_rest_nothing_is_found() -> None:
    assert findings(facts()) == ()


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (facts(stages={"notifier": a_stage(alive=False)}), ("stage.silent", "red", "notifier")),
        (facts(stages={"notifier": a_stage(error="the relay is away")}), ("stage.red", "red", "notifier")),
        (facts(stages={"classifier": a_stage(dead=2)}), ("stage.dead", "red", "classifier")),
        (facts(deliveries={"held": 1, "sent": 7}), ("deliveries.held", "red", "")),
        (facts(trouble=("the disk is full",)), ("world.trouble", "red", "")),
    ],
    ids=lambda given: given[0] if isinstance(given, tuple) else "",
)
def test_each_cause_is_one_finding(given: Facts, found: tuple[str, str, str]) -> None:
    assert kinds(given) == [found]


def test_every_finding_has_a_reason_and_a_remedy_with_a_command_or_a_page() -> None:
    every = facts(
        stages={
            "collector": a_stage(alive=False),
            "notifier": a_stage(error="the relay is away"),
            "classifier": a_stage(dead=1),
        },
        deliveries={"held": 1},
        trouble=("the disk is full",),
    )
    found = findings(every)
    assert {finding.id for finding in found} == set(KINDS)
    assert [finding.id for finding in found if not finding.reason or "`vigie " not in finding.remedy] == []


def test_a_notice_is_a_finding_of_its_own_weight_that_an_operator_can_clear() -> None:
    since = NOW - timedelta(hours=2)
    notice = Notice("bus.damaged:bus.db", Weight.RED, "made anew", "`vigie replay`", since)
    (found,) = findings(facts(notices=(notice,)))
    assert found == Finding(
        "bus.damaged", Weight.RED, "bus.db", "made anew", "`vigie replay`", since, "bus.damaged:bus.db"
    )
    assert red((found,))


def test_a_warning_is_shown_and_is_not_red() -> None:
    notice = Notice("clock.stepped", Weight.WARNING, "the clock stepped by 3 h", "`vigie doctor`", NOW)
    found = findings(facts(notices=(notice,)))
    assert [finding.id for finding in found] == ["clock.stepped"]
    assert not red(found)


def test_what_is_red_stands_before_what_is_not() -> None:
    notice = Notice("clock.stepped", Weight.WARNING, "the clock stepped by 3 h", "`vigie doctor`", NOW)
    found = findings(facts(deliveries={"held": 1}, notices=(notice, notice)))
    assert [finding.weight for finding in found] == [Weight.RED, Weight.WARNING, Weight.WARNING]
