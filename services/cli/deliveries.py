"""List, hold, release, discard mails of the send ledger, and print what would be mailed.

People stand in the list by id, never by address. `preview` prints mails as they would go and changes nothing: no
mail is sent, counted or kept. It shows what is due now (to all, or --for one), with --next what is due next, named
deliveries, or with --query what somebody would get who asks for that: the confirmation, the first mail after it,
and then what it brings, made of what came lately. What it prints holds addresses, and links that work.

example: vigie deliveries list --state held
example: vigie deliveries release 5f0c… 77ab…
example: vigie deliveries release --all
example: vigie deliveries release --all --reason 'relay access denied'
example: vigie deliveries release --all --dry-run
example: vigie deliveries discard 5f0c…
example: vigie deliveries discard --all --reason 'message too big'
example: vigie deliveries preview --for reader@example.org --next
example: vigie deliveries preview --query 'theme:energy' --every weekly --language de
example: vigie deliveries preview 5f0c… --raw > mail.eml
exit codes: 0 done; 1 no such delivery in a state that allows it, or nothing would be mailed; 2 usage or query;
3 no database
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import tzinfo

from sqlmodel import Session

from services.cli.arguments import natural
from services.cli.previewing import configure_preview, preview, rehearsal_of, show, wrong_preview
from services.cli.shown import moment
from shared.clock import rfc3339
from shared.config import Settings
from shared.errors import BadInput, QueryError
from shared.store import Store
from shared.subscriptions import deliveries
from shared.subscriptions.deliveries import Delivery
from shared.subscriptions.words import State
from shared.wiring import ready_store


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("list", "hold", "release", "discard", "preview"))
    parser.add_argument("id", nargs="*", help="deliveries, as `vigie deliveries list` names them")
    parser.add_argument(
        "--all",
        action="store_true",
        help="release, discard: all that are held or failed; hold: all pending",
    )
    parser.add_argument(
        "--reason", default="", help="release, discard: of all, only those whose reason contains this"
    )
    parser.add_argument("--state", choices=[state.value for state in State], help="list: only these")
    parser.add_argument("--limit", type=natural, default=50, help="list, preview: at most so many; default: 50")
    parser.add_argument("--json", action="store_true", help="machine output")
    parser.add_argument("--dry-run", action="store_true", help="release: print the mails, and change nothing")
    configure_preview(parser)


def run(args: argparse.Namespace, settings: Settings) -> int:
    if wrong := _wrong(args):
        print(f"vigie deliveries: {wrong}", file=sys.stderr)
        return 2
    store = ready_store(settings)
    try:
        return _act(args, settings, store)
    except QueryError as error:
        print(f"vigie deliveries: {error} (at character {error.position + 1} of the query)", file=sys.stderr)
    except BadInput as error:
        print(f"vigie deliveries: {error}", file=sys.stderr)
    finally:
        store.close()
    return 2


def _wrong(args: argparse.Namespace) -> str:
    moves = args.action in ("hold", "release", "discard")
    if moves and bool(args.id) == args.all:
        return f"name the deliveries to {args.action}, or --all."
    if args.reason and not (args.action in ("release", "discard") and args.all):
        return "--reason goes with release --all and discard --all."
    if args.dry_run and args.action not in ("release", "preview"):
        return "--dry-run goes with release; `preview` is one always."
    return wrong_preview(args)


def _act(args: argparse.Namespace, settings: Settings, store: Store) -> int:
    if args.action == "list":
        with store.reading() as session:
            states = [State(args.state)] if args.state else ()
            found = deliveries.list_deliveries(session, states=states, limit=args.limit)
            _list(found, settings.calendar, machine=args.json)
    elif args.action == "preview":
        return preview(args, settings, store)
    elif args.dry_run:
        with store.reading() as session:
            ids = args.id or _all(session, args.action, args.reason)
        return show(rehearsal_of(settings, store).these(ids), settings.calendar, machine=args.json, raw=args.raw)
    else:
        done, asked = _move(store, args.action, args.id, args.reason)
        print(json.dumps(done) if args.json else _told(args.action, len(done), asked=asked))
    return 0


def _told(action: str, done: int, *, asked: bool) -> str:
    said = f"{done} {'delivery' if done == 1 else 'deliveries'}: {action} done."
    return (
        f"{said} The relay, which took no mail of ours or put it off, is asked again at once." if asked else said
    )


def _move(store: Store, action: str, named: Sequence[str], reason: str) -> tuple[Sequence[str], bool]:
    """All or none: a name that fits nothing takes the others back. A release also asks a relay that refused us.

    Which moved, and whether a relay is asked.
    """
    with store.writing() as session:
        ids = named or _all(session, action, reason)
        asked = action == "release" and deliveries.ask_again(session, store.now(session))
        for id_ in ids:
            match action:
                case "hold":
                    deliveries.hold(session, id_)
                case "release":
                    deliveries.release(session, id_, store.now(session))
                case _:
                    deliveries.discard(session, id_)
    return list(ids), asked


def _all(session: Session, action: str, reason: str) -> Sequence[str]:
    if action != "hold":
        return deliveries.undecided(session, reason)
    return [one.id for one in deliveries.list_deliveries(session, states=[State.PENDING], limit=1_000_000)]


def _list(found: Sequence[Delivery], zone: tzinfo, *, machine: bool) -> None:
    if machine:
        print(json.dumps([_shown(one) for one in found], indent=2, ensure_ascii=False))
        return
    for one in found:
        person = one.person or "operator"
        items = f"{one.items} item{'' if one.items == 1 else 's'}"
        about = f"{one.kind}  {one.state}  {person}  {items}"
        again = f" (again {moment(one.due_at, zone)})" if one.state is State.PENDING and one.error else ""
        created = moment(one.created_at, zone)
        print(f"{one.id}  {created}  {about}  {one.error}{again}".rstrip())


def _shown(one: Delivery) -> dict[str, object]:
    return {
        "id": one.id,
        "kind": one.kind,
        "state": one.state,
        "person": one.person,
        "language": one.language,
        "items": one.items,
        "created_at": rfc3339(one.created_at),
        "due_at": rfc3339(one.due_at),
        "sent_at": rfc3339(one.sent_at),
        "attempts": one.attempts,
        "unknown": one.unknown,
        "late": one.late,
        "error": one.error,
        "blame": one.blame,
    }
