"""Pure. From facts to findings: what needs a look, why, and what to do about it.

`vigie status`, `/statusz`, the operations page, `/metrics` and with it the alert rules say what stands here and
nothing else. Whoever adds a kind adds it to KINDS, to the tests, to `locales/` and to the portal's.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from shared.disk import LITTLE
from shared.telemetry.facts import Facts, Notice, StageStatus, Weight
from shared.telemetry.finding import ENDING, Finding, finding
from shared.telemetry.finding_mails import of_mails
from shared.telemetry.finding_sources import of_sources
from shared.telemetry.told import as_said, told

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
        yield finding("stage.silent", name, told("stage.silent", stage=name))
    elif stage.error is not None:
        yield finding("stage.red", name, as_said(stage.error))
    elif stage.stands >= STANDS:
        minutes = told("minutes", n=round(stage.stands / 60))
        yield finding("stage.stands", name, told("stage.stands", minutes=minutes))
    if stage.dead:
        yield finding("stage.dead", name, told("stage.dead", n=stage.dead))


def _of_world(facts: Facts) -> Iterator[Finding]:
    for instance, number in facts.deaths.items():
        if number >= TOO_MANY_DEATHS:
            yield finding("process.dies", instance, told("process.dies", n=number))
    for trouble in facts.trouble:
        yield finding("world.trouble", "", as_said(trouble))
    if facts.future:
        latest = f"{max(facts.future.values()):%Y-%m-%d %H:%M} UTC"
        yield finding("world.future", "", told("world.future", what=tuple(facts.future), latest=latest))
    if facts.room is not None and facts.room < LITTLE:
        yield finding("world.room", "", told("world.room", free=facts.room >> 20, least=LITTLE >> 20))


def _said(notice: Notice) -> Finding:
    kind, _, subject = notice.key.partition(":")
    key = "" if kind in ENDING else notice.key
    return Finding(kind, notice.weight, subject, notice.reason, notice.remedy, notice.since, key, notice.told)
