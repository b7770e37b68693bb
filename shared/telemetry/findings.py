"""Pure. From facts to findings: what needs a look, why, and what to do about it.

`vigie status`, `/statusz`, the operations page, `/metrics` and with it the alert rules say what stands here and
nothing else. Whoever adds a kind adds it to KINDS, to the rules' tests and to the portal's locales.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.telemetry.facts import Facts, Notice, Weight

# every kind of finding -> its weight; notices of the stages bring kinds of their own beside these
KINDS: Final[Mapping[str, Weight]] = {
    "stage.silent": Weight.RED,
    "stage.red": Weight.RED,
    "stage.dead": Weight.RED,
    "deliveries.held": Weight.RED,
    "world.trouble": Weight.RED,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that needs a look. `id` is its kind, `subject` what it is about: a stage, a source, or nothing.

    `remedy` names a command or a page. `since` is when it began, where that is known. `notice` is the key under
    which an operator may clear it, empty for what only ends with its cause.
    """

    id: str
    weight: Weight
    subject: str
    reason: str
    remedy: str
    since: datetime | None = None
    notice: str = ""


def findings(facts: Facts) -> tuple[Finding, ...]:
    """All findings, the red ones first, in the order of KINDS."""
    found = [*_stages(facts), *_deliveries(facts), *_world(facts), *map(_said, facts.notices)]
    return tuple(sorted(found, key=lambda finding: finding.weight is not Weight.RED))


def red(found: tuple[Finding, ...]) -> bool:
    """Whether somebody must be woken."""
    return any(finding.weight is Weight.RED for finding in found)


def _finding(kind: str, subject: str, reason: str, remedy: str) -> Finding:
    return Finding(kind, KINDS[kind], subject, reason, remedy)


def _stages(facts: Facts) -> Iterator[Finding]:
    for name, stage in facts.stages.items():
        if not stage.alive:
            remedy = f"Start it: `vigie run`, or `vigie run --alone {name}` beside the others."
            yield _finding("stage.silent", name, f"no process runs the {name}; records wait", remedy)
        elif stage.error is not None:
            yield _finding("stage.red", name, stage.error, "Read what it says; `vigie doctor` checks the parts.")
        if stage.dead:
            remedy = "`vigie dead list` says why; then `vigie dead retry ID`, or `vigie dead discard ID`."
            yield _finding("stage.dead", name, f"{_n(stage.dead, 'record')} could not be processed", remedy)


def _deliveries(facts: Facts) -> Iterator[Finding]:
    if held := facts.deliveries.get("held", 0):
        remedy = (
            "`vigie deliveries list --state held` says why; then `vigie deliveries release ID` or `discard ID`."
        )
        yield _finding("deliveries.held", "", f"{_n(held, 'mail')} held, until a person decides", remedy)


def _world(facts: Facts) -> Iterator[Finding]:
    for trouble in facts.trouble:
        yield _finding("world.trouble", "", trouble, "`vigie doctor` checks the parts.")


def _said(notice: Notice) -> Finding:
    kind, _, subject = notice.key.partition(":")
    return Finding(kind, notice.weight, subject, notice.reason, notice.remedy, notice.since, notice.key)


def _n(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
