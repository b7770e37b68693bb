"""Say what runs, what waits and what is red.

`ok` is true when no finding is red. Each finding says why and what to do; a warning is shown and wakes nobody.
What a stage noted once and nothing ends by itself (a clock that stepped, a bus file made anew) is cleared by you.
With --here it answers for this VIGIE_INSTANCE alone, and asks the database alone: the health check of a container.

example: vigie status
example: vigie status --json
example: vigie status --clear clock.stepped
example: vigie status --here
exit codes: 0 ok, 1 something is red, or nothing runs, 3 the database or the bus does not answer
"""

import argparse
import json
from contextlib import closing

from shared.clock import SystemClock
from shared.config import Settings
from shared.errors import NotFound, Unavailable
from shared.telemetry.finding import Finding
from shared.telemetry.health import stages
from shared.telemetry.lanes import READS
from shared.telemetry.notices import withdraw
from shared.telemetry.status import Status, read_status
from shared.wiring import open_bus, ready_store


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="machine output")
    parser.add_argument(
        "--here", action="store_true", help="only whether the stages of this instance run and are not red"
    )
    parser.add_argument("--clear", metavar="NOTICE", help="take a notice away that you have read")


def run(args: argparse.Namespace, settings: Settings) -> int:
    if args.clear:
        _clear(settings, args.clear)
    if args.here:
        return _here(settings, args.json)
    try:
        status = _look(settings)
    except Unavailable as error:
        if args.json:  # whoever reads JSON gets it, also when there is nothing to count
            print(json.dumps(_nothing() | {"error": str(error)}, ensure_ascii=False))
        raise
    print(json.dumps(status.shown(), ensure_ascii=False) if args.json else _table(status))
    return 0 if status.ok else 1


def _clear(settings: Settings, key: str) -> None:
    with closing(ready_store(settings)) as store, store.writing() as session:
        if not withdraw(session, key):
            raise NotFound(f"there is no notice {key!r}; `vigie status --json` names those that there are.")


def _look(settings: Settings) -> Status:
    with closing(ready_store(settings)) as store, closing(open_bus(settings)) as bus:
        return read_status(store, bus, SystemClock())


def _here(settings: Settings, as_json: bool) -> int:
    with closing(ready_store(settings)) as store, store.reading() as session:
        found = stages(session, store.now(session), settings.instance_name)
    ok = bool(found) and all(stage.alive and stage.error is None for stage in found.values())
    if as_json:
        said = {name: {"alive": stage.alive, "error": stage.error} for name, stage in found.items()}
        print(json.dumps({"ok": ok, "instance": settings.instance_name, "stages": said}, ensure_ascii=False))
    else:
        for name, stage in found.items():
            print(f"{name}: {stage.error or 'runs' if stage.alive else 'does NOT run'}")
        if not found:
            print(f"nothing runs as {settings.instance_name}")
    return 0 if ok else 1


def _nothing() -> dict[str, object]:
    stage = {"alive": False, "backlog": 0, "dead": 0, "waits": None, "error": None}
    states = ("pending", "sending", "sent", "failed", "held", "unknown")
    return {
        "ok": False,
        "items": 0,
        "stages": dict.fromkeys(READS, stage),
        "sources": {},
        "deliveries": dict.fromkeys(states, 0),
        "trouble": [],
        "findings": [],
    }


def _table(status: Status) -> str:
    facts = status.facts
    lines = [f"{'stage':<12}{'runs':<6}{'waiting':>8}{'dead':>6}  longest   error"]
    for name, stage in facts.stages.items():
        runs = "yes" if stage.alive else "NO"
        waits = "-" if stage.waits is None else f"{stage.waits:.0f} s"
        lines.append(f"{name:<12}{runs:<6}{stage.backlog:>8}{stage.dead:>6}  {waits:<10}{stage.error or '-'}")
    lines += [
        f"items       {facts.items}",
        f"sources     {_counted(facts.sources)}",
        f"deliveries  {_counted(facts.deliveries)}",
        *map(_told, status.findings),
        _in_short(status),
    ]
    return "\n".join(lines)


def _in_short(status: Status) -> str:
    if not status.ok:
        return "something needs a look"
    return "nothing is red" if status.findings else "everything is in order"


def _told(finding: Finding) -> str:
    about = f"{finding.id} {finding.subject}".strip()
    clears = finding.notice and "--clear" not in finding.remedy
    clear = f" When you have read this: `vigie status --clear {finding.notice}`." if clears else ""
    since = f" (since {finding.since:%Y-%m-%d %H:%M} UTC)" if finding.since else ""
    return f"{finding.weight.upper():<12}{about}: {finding.reason}{since}\n{'':<12}{finding.remedy}{clear}"


def _counted(by_state: object) -> str:
    counted = dict(by_state) if isinstance(by_state, dict) else {}
    return ", ".join(f"{number} {state}" for state, number in counted.items() if number) or "none"
