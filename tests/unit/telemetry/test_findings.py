"""From facts to findings: what is red, what is only shown, and what to do about each."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from shared.disk import LITTLE
from shared.telemetry.facts import Deferred, Facts, Failed, Notice, Overdue, Paused, StageStatus, Watched, Weight
from shared.telemetry.finding import KINDS, Finding
from shared.telemetry.finding_mails import AT_ITS_LIMIT, BROKEN, UNNAMED
from shared.telemetry.findings import STANDS, findings, red
from shared.telemetry.told import Told

NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
STAGES: Final = ("collector", "classifier", "archivist", "notifier", "portal")
WELL: Final = Watched("inria", "ok")
REFUSED: Final = {"errors": 1, "error": "connection refused", "succeeded": False}


def a_stage(**changed: Any) -> StageStatus:
    values: dict[str, Any] = {"alive": True, "backlog": 0, "dead": 0, "waits": None, "error": None}
    return StageStatus(**(values | changed))


def facts(*, stages: Mapping[str, StageStatus] | None = None, **changed: Any) -> Facts:
    """An installation at rest, but for what is said."""
    at_rest: dict[str, Any] = {"watched": (WELL,), "room": 10 * LITTLE}
    return Facts(NOW, stages=dict.fromkeys(STAGES, a_stage()) | (stages or {}), **(at_rest | changed))


def sources(well: int = 0, failing: int = 0, erring: int = 0, **others: int) -> tuple[Watched, ...]:
    """So many of each: answering, failing, and those whose last poll failed without making them red yet."""
    made = {"ok": well, "failing": failing, **others}
    named = [Watched(f"{state}-{n}", state) for state, number in made.items() for n in range(number)]
    return (*named, *(Watched(f"erring-{n}", "ok", errors=1, error="timeout") for n in range(erring)))


def notice(key: str, weight: Weight = Weight.WARNING) -> Notice:
    return Notice(key, weight, "it said 450", "`vigie doctor`", NOW - HOUR)


AGES_AT_LIMIT: Final = Notice(AT_ITS_LIMIT, Weight.WARNING, "450", "`vigie doctor`", NOW - 25 * HOUR)
BROKE_OFF: Final = replace(notice(AT_ITS_LIMIT), since=NOW, told=Told(BROKEN))
REFUSED_ALL: Final = Failed(True, 3, 2, "550 no", NOW - HOUR)
PUT_OFF: Final = replace(notice(AT_ITS_LIMIT), told=Told(UNNAMED))  # an hour ago, and no limit was named
ALL_SICK: Final = tuple(f"warning source.sick failing-{n}" for n in range(3))
GUESS: Final = Watched("guess", "stale", succeeded=False, assumed=True)
LATE: Final = (Overdue("instant", 3, NOW - HOUR),)


def told(found: str) -> tuple[str, str, str]:
    """`red stage.dead classifier` -> its parts."""
    weight, kind, subject = f"{found} ".split(" ", 2)
    return weight, kind, subject.strip()


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, ()),
        # ---- stages
        ({"stages": {"notifier": a_stage(alive=False)}}, ("red stage.silent notifier",)),
        ({"stages": {"notifier": a_stage(error="the relay is away")}}, ("red stage.red notifier",)),
        ({"stages": {"archivist": a_stage(backlog=9, waits=900.0)}}, ()),
        ({"stages": {"archivist": a_stage(backlog=9, waits=900.0, stands=STANDS - 1)}}, ()),
        ({"stages": {"archivist": a_stage(backlog=9, stands=STANDS)}}, ("red stage.stands archivist",)),
        ({"stages": {"collector": a_stage(stands=STANDS)}}, ("red stage.stands collector",)),
        ({"stages": {"notifier": a_stage(error="no bus", stands=STANDS)}}, ("red stage.red notifier",)),
        ({"stages": {"classifier": a_stage(dead=2)}}, ("red stage.dead classifier",)),
        # ---- the world
        ({"trouble": ("the disk is full", "a topic is missing")}, ("red world.trouble", "red world.trouble")),
        ({"future": {"a mail": NOW + HOUR}}, ("red world.future",)),
        ({"deaths": {"box": 2}}, ()),
        ({"deaths": {"box": 3}}, ("red process.dies box",)),
        ({"room": LITTLE}, ()),
        ({"room": LITTLE - 1}, ("warning world.room",)),
        ({"room": None}, ()),
        # ---- sources
        ({"watched": ()}, ("warning sources.none",)),
        ({"watched": (Watched("new", "new", asked=False),)}, ()),
        ({"watched": sources(well=4, failing=1)}, ("warning source.sick failing-0",)),
        ({"watched": sources(well=1, blocked=1)}, ("warning source.sick blocked-0",)),
        ({"watched": sources(well=12, failing=3)}, ALL_SICK),
        ({"watched": sources(well=11, failing=3)}, ("red sources.many", *ALL_SICK)),
        ({"watched": sources(well=7, failing=1, erring=2)}, ("red sources.many", ALL_SICK[0])),
        ({"watched": sources(well=2, erring=2)}, ()),
        ({"watched": sources(erring=2)}, ()),
        ({"watched": sources(erring=3)}, ("red sources.silent",)),
        ({"watched": sources(failing=1)}, ("red sources.silent",)),
        ({"watched": sources(failing=1, blocked=1, forbidden=1)}, ("red sources.silent",)),
        ({"watched": sources(failing=1, gone=1)}, ("red sources.silent", "warning source.sick gone-0")),
        ({"watched": sources(failing=2, rebuilt=1)}, ("red sources.silent", "warning source.sick rebuilt-0")),
        ({"watched": (WELL, Watched("first", "failing", **REFUSED))}, ("warning source.sick first",)),
        ({"watched": (WELL, Watched("guess", "failing", **REFUSED, assumed=True))}, ()),
        ({"watched": (Watched("guess", "failing", **REFUSED, assumed=True),)}, ()),
        ({"watched": (WELL, Watched("guess", "failing", errors=1, assumed=True))}, ("warning source.sick guess",)),
        ({"watched": sources(well=9, stale=1, empty=1, moved=1)}, ("warning sources.quiet",)),
        ({"watched": sources(stale=3)}, ("red sources.still",)),
        ({"watched": sources(stale=2)}, ("warning sources.quiet",)),
        ({"watched": sources(well=1, stale=4, empty=1)}, ("red sources.still",)),
        ({"watched": sources(well=1, stale=4)}, ("warning sources.quiet",)),
        ({"watched": sources(stale=5, moved=1)}, ("red sources.still", "warning sources.quiet")),
        ({"watched": sources(failing=1, stale=3)}, ("red sources.still", "warning source.sick failing-0")),
        ({"watched": (*sources(stale=2), GUESS)}, ("warning sources.quiet",)),
        ({"watched": (replace(WELL, undated=True),)}, ("warning sources.undated",)),
        ({"watched": (replace(WELL, held=2),)}, ("warning source.held inria",)),
        ({"watched": (replace(WELL, refused=2, refusal="unproven"),)}, ("warning source.refused inria",)),
        # ---- mails
        ({"unsent": LATE}, ("red mails.overdue",)),
        ({"unsent": LATE, "notices": (notice(AT_ITS_LIMIT),)}, ("warning relay.limit",)),
        ({"unsent": LATE, "notices": (AGES_AT_LIMIT,)}, ("red mails.overdue", "warning relay.limit")),
        ({"unsent": LATE, "notices": (AGES_AT_LIMIT,), "last_sent": NOW - 24 * HOUR}, ("warning relay.limit",)),
        ({"unsent": LATE, "notices": (PUT_OFF,)}, ("red mails.overdue", "warning relay.limit")),
        ({"unsent": LATE, "notices": (PUT_OFF,), "last_sent": NOW - HOUR / 2}, ("warning relay.limit",)),
        ({"unsent": LATE, "notices": (BROKE_OFF,)}, ("red mails.overdue", "warning relay.limit")),
        ({"deferred": Deferred(2, NOW - HOUR, "452 4.2.2")}, ("warning mailbox.waits",)),
        ({"unsent": LATE, "notices": (notice("x.y"),)}, ("red mails.overdue", "warning x.y")),
        ({"failed": (Failed(True, 3, 1, "550 5.1.1"),)}, ("warning mailbox.dead",)),
        ({"failed": (Failed(False, 1, 1, "554 5.7.1"),)}, ("red mails.failed",)),
        ({"failed": (REFUSED_ALL,)}, ("red mails.failed",)),
        ({"failed": (REFUSED_ALL,), "last_sent": NOW - 2 * HOUR}, ("red mails.failed",)),
        ({"failed": (REFUSED_ALL,), "last_sent": NOW}, ("warning mailbox.dead",)),
        ({"failed": (replace(REFUSED_ALL, people=1),)}, ("warning mailbox.dead",)),
        ({"unmade": LATE}, ("red mails.unmade",)),
        ({"unmade": LATE, "notices": (notice(AT_ITS_LIMIT),)}, ("red mails.unmade", "warning relay.limit")),
        ({"paused": Paused(2, NOW - HOUR, "410 Gone")}, ("warning webhooks.paused",)),
        ({"deliveries": {"held": 1, "sent": 7}}, ("red deliveries.held",)),
        # ---- notices
        ({"notices": (notice("clock.stepped"),)}, ("warning clock.stepped",)),
        ({"notices": (notice("bus.damaged:bus.db", Weight.RED),)}, ("red bus.damaged bus.db",)),
    ],
)  # fmt: skip
def test_from_facts_to_findings(given: dict[str, Any], found: tuple[str, ...]) -> None:
    said = [(each.weight.value, each.id, each.subject) for each in findings(facts(**given))]
    assert said == list(map(told, found))
    assert red(findings(facts(**given))) == any(each.startswith("red") for each in found)


def test_every_finding_has_a_reason_and_a_remedy_with_a_command_of_ours() -> None:
    every = (
        facts(
            stages={
                "collector": a_stage(alive=False),
                "notifier": a_stage(error="the relay is away"),
                "archivist": a_stage(stands=STANDS),
                "classifier": a_stage(dead=1),
            },
            trouble=("the disk is full",),
            future={"a mail": NOW + HOUR},
            room=1,
            deaths={"box": 3},
            watched=(*sources(well=9, failing=1, stale=1), replace(WELL, held=1, refused=1, undated=True)),
            unsent=LATE,
            unmade=LATE,
            failed=(Failed(True, 3, 1, "550 5.1.1"), Failed(False, 1, 1, "554 5.7.1")),
            deferred=Deferred(1, NOW - HOUR, "452 4.2.2"),
            paused=Paused(1, NOW - HOUR, "503"),
            deliveries={"held": 1},
        ),
        facts(watched=()),
        facts(watched=sources(well=1, failing=3)),
        facts(watched=sources(failing=3)),
        facts(watched=sources(stale=3)),
    )
    found = [finding for each in every for finding in findings(each)]
    assert {finding.id for finding in found} == set(KINDS)
    assert [finding.id for finding in found if not finding.reason or "`vigie " not in finding.remedy] == []
    assert [finding.id for finding in found if finding.weight is not KINDS[finding.id].weight] == []


def test_many_silent_sources_are_named_up_to_five_with_what_the_first_says() -> None:
    (found,) = findings(facts(watched=sources(erring=7)))
    names = "erring-0, erring-1, erring-2, erring-3, erring-4 and 2 more"
    assert found.reason == f"none of 7 sources answers: {names}; the first says timeout"


def test_late_mails_say_how_many_of_which_kind_and_since_when() -> None:
    late = (*LATE, Overdue("digest", 1_200, NOW - 3 * HOUR))
    (found,) = findings(facts(unsent=late))
    assert found.reason == "3 instant, 1,200 digest are due and have not left"
    assert found.since == NOW - 3 * HOUR


def test_a_notice_is_a_finding_of_its_own_weight_that_an_operator_can_clear() -> None:
    (found,) = findings(facts(notices=(notice("bus.damaged:bus.db", Weight.RED),)))
    assert found == Finding(
        "bus.damaged", Weight.RED, "bus.db", "it said 450", "`vigie doctor`", NOW - HOUR, "bus.damaged:bus.db"
    )


def test_what_a_stage_takes_back_itself_nobody_is_asked_to_clear() -> None:
    (found,) = findings(facts(notices=(notice("relay.refuses", Weight.RED),)))
    assert found.notice == ""


def test_what_is_red_stands_before_what_is_not() -> None:
    found = findings(facts(deliveries={"held": 1}, notices=(notice("clock.stepped"),), room=1))
    assert [finding.weight for finding in found] == [Weight.RED, Weight.WARNING, Weight.WARNING]
