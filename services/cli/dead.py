"""List, show, retry, discard dead letters: records that could not be processed.

example: vigie dead list
example: vigie dead show items.collected@3
example: vigie dead retry items.collected@3
example: vigie dead retry --all
example: vigie dead discard items.collected@3 --reason "a test page of the publisher"
exit codes: 0 done, 1 no such letter, 2 usage, 3 the bus does not answer
"""

import argparse
import json
from collections.abc import Sequence
from datetime import tzinfo

from services.cli.shown import moment
from shared.bus import Bus
from shared.bus.dead import Letter, discard, letter, list_letters, retry
from shared.clock import SystemClock, rfc3339
from shared.config import Settings
from shared.errors import ConfigError
from shared.wiring import open_bus


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("list", "show", "retry", "discard"))
    parser.add_argument("id", nargs="*", help="letters, as `vigie dead list` names them")
    parser.add_argument(
        "--all", action="store_true", help="list: resolved ones too; retry, discard: all open ones"
    )
    parser.add_argument("--reason", default="", help="discard: why the record is given up")
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    bus = open_bus(settings)
    try:
        match args.action:
            case "list":
                _list(list_letters(bus, resolved=args.all), args.json, settings.calendar)
            case "show":
                for id_ in args.id:
                    _show(letter(bus, id_), args.json, settings.calendar)
            case _:
                _resolve(bus, args)
    finally:
        bus.close()
    return 0


def _list(found: Sequence[Letter], machine: bool, zone: tzinfo) -> None:
    if machine:
        print(json.dumps([_summary(one) for one in found], indent=2, ensure_ascii=False))
        return
    for one in found:
        again = ", again" if one.again else ""
        print(f"{one.id}  {moment(one.died_at, zone)}  {one.stage}  {one.state}{again}  {one.reason}")
    if not found:
        print("There are no dead letters.")


def _show(one: Letter, machine: bool, zone: tzinfo) -> None:
    value = one.record.message.value.decode("utf-8", "replace")
    if machine:
        shown = _summary(one) | {"headers": dict(one.record.message.headers), "value": value}
        print(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    for name, shown_value in (_summary(one) | {"died_at": moment(one.died_at, zone)}).items():
        print(f"{name:<9} {shown_value}")
    print(value)


def _resolve(bus: Bus, args: argparse.Namespace) -> None:
    ids = [one.id for one in list_letters(bus)] if args.all else args.id
    if not ids and not args.all:
        raise ConfigError(f"name the letters to {args.action}, or --all. `vigie dead list` shows them.")
    if args.action == "discard" and not args.reason.strip():
        raise ConfigError("give a --reason: somebody will ask why this record is missing.")
    done, now = [], SystemClock().now()
    for id_ in ids:
        resolved = retry(bus, id_, now) if args.action == "retry" else discard(bus, id_, args.reason, now)
        done.append({"id": id_, "done": resolved})
    if args.json:
        print(json.dumps(done))
        return
    said = {"retry": "goes through its stage once more", "discard": "is given up"}[args.action]
    for entry in done:
        print(f"{entry['id']} {said if entry['done'] else 'was resolved before'}")


def _summary(one: Letter) -> dict[str, object]:
    return {
        "id": one.id,
        "state": one.state,
        "stage": one.stage,
        "reason": one.reason,
        "error": one.error,
        "attempts": one.attempts,
        "origin": one.origin,
        "died_at": rfc3339(one.died_at),
        "again": one.again,
        "why": one.why,
        "key": one.record.message.key,
    }
