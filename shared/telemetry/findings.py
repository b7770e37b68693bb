"""Pure. From facts to findings: what needs a look, why, and what to do about it.

`vigie status`, `/statusz`, the operations page, `/metrics` and with it the alert rules say what stands here and
nothing else. Whoever adds a kind adds it to KINDS, to the tests and to the portal's locales.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from shared.disk import LITTLE
from shared.telemetry.facts import Facts, Notice, StageStatus, Weight
from shared.telemetry.finding import ENDING, Finding, counted, finding, listed
from shared.telemetry.finding_mails import of_mails
from shared.telemetry.finding_sources import of_sources

TOO_MANY_DEATHS: Final = 3  # within an hour: one may be the power, two the operator
STANDS: Final = 300.0  # seconds without getting on; a batch of long texts for a large model may take some minutes


def findings(facts: Facts) -> tuple[Finding, ...]:
    """All findings, the red ones first."""
    found = [
        *(each for name, stage in facts.stages.items() for each in _of_stage(name, stage)),
        *_of_world(facts),
        *of_sources(facts.watched),
        *of_mails(facts),
        *map(_said, facts.notices),
    ]
    return tuple(sorted(found, key=lambda each: each.weight is not Weight.RED))


def red(found: Sequence[Finding]) -> bool:
    """Whether somebody must be woken."""
    return any(each.weight is Weight.RED for each in found)


def _of_stage(name: str, stage: StageStatus) -> Iterator[Finding]:
    if not stage.alive:
        yield finding("stage.silent", name, f"no process runs the {name}; what it has to do waits")
    elif stage.error is not None:
        yield finding("stage.red", name, stage.error)
    elif stage.stands >= STANDS:
        reason = f"it runs, and got on with nothing for {_minutes(stage.stands)} although work waits"
        yield finding("stage.stands", name, reason)
    if stage.dead:
        yield finding("stage.dead", name, f"{counted(stage.dead, 'record')} could not be processed")


def _of_world(facts: Facts) -> Iterator[Finding]:
    for instance, number in facts.deaths.items():
        if number >= TOO_MANY_DEATHS:
            reason = f"this process died {number} times within an hour, and was started again each time"
            yield finding("process.dies", instance, reason)
    for trouble in facts.trouble:
        yield finding("world.trouble", "", trouble)
    if facts.future:
        what, latest = listed(tuple(facts.future)), f"{max(facts.future.values()):%Y-%m-%d %H:%M} UTC"
        yield finding(
            "world.future", "", f"{what}: of a later time than now, up to {latest}; a clock is or was wrong"
        )
    if facts.room is not None and facts.room < LITTLE:
        reason = f"{facts.room >> 20} MB are free where the database is, {LITTLE >> 20} should be"
        yield finding("world.room", "", reason)


def _said(notice: Notice) -> Finding:
    kind, _, subject = notice.key.partition(":")
    key = "" if kind in ENDING else notice.key
    return Finding(kind, notice.weight, subject, notice.reason, notice.remedy, notice.since, key)


def _minutes(seconds: float) -> str:
    return counted(round(seconds / 60), "minute")
