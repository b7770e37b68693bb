"""Groups that you own: one wish, a list of addresses, each with leave links of its own.

Everybody in a group agreed to it elsewhere, and `--proof` says where you hold that; it stands in the consent
record of each. Whom mail does not reach, who complained, who left the group or was erased is not brought back by a
list; `--again` does so for who asked you to. Nobody gets a story twice, whatever else they have.

example: vigie groups add 'Energy desk' --query theme:energy --every daily --language de
example: vigie groups address add 'Energy desk' a@example.org b@example.org --proof 'minutes of 3 May'
example: vigie groups address add 'Energy desk' --from list.txt --proof 'minutes of 3 May'
example: vigie groups address remove 'Energy desk' a@example.org
example: vigie groups show 'Energy desk'
example: vigie groups remove 'Energy desk'
exit codes: 0 done, 1 no such group, or some addresses were refused or were not in it, 2 the query or the usage is
wrong, 3 no database
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import tzinfo
from pathlib import Path

from services.cli.arguments import natural
from services.cli.shown import moment
from shared.config import Settings
from shared.errors import BadInput, Conflict, QueryError
from shared.items import LANGUAGES
from shared.plain import plain
from shared.store import Store
from shared.subscriptions.options import WEEKDAYS, Options, Strength
from shared.subscriptions.words import DEFAULT_ZONE, Every
from shared.wiring import ready_store


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("add", "list", "show", "remove", "address"))
    parser.add_argument(
        "words", nargs="*", metavar="NAME", help="the group; `address` takes add or remove before it"
    )
    parser.add_argument("--query", help="add: what to look for, in the grammar of `vigie search`")
    parser.add_argument("--every", choices=[each.value for each in Every], help="add: how often to write")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="add: of the mails; default: en")
    parser.add_argument("--on", choices=WEEKDAYS, default=WEEKDAYS[0], help="add --every weekly: the day")
    parser.add_argument(
        "--at", type=natural, default=7, metavar="HOUR", help="add: the hour of digests; default: 7"
    )
    parser.add_argument("--zone", default=DEFAULT_ZONE, help="add: the IANA time zone of the hour")
    parser.add_argument(
        "--more", action="store_true", help="add --every instant: tags under .8 at once, not in the next digest"
    )
    parser.add_argument("--from", dest="file", type=Path, help="address add, remove: a file, an address a line")
    parser.add_argument("--proof", default="", help="address add: where you hold the consent; it is recorded")
    parser.add_argument("--again", action="store_true", help="address add: also who had left, or was erased")
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    if wrong := _wrong(args):
        return _usage(wrong)
    store = ready_store(settings)
    try:
        return _act(args, settings, store)
    except QueryError as error:
        return _usage(f"{error} (at character {error.position + 1} of the query)")
    except BadInput as error:
        return _usage(str(error))
    finally:
        store.close()


def _wrong(args: argparse.Namespace) -> str:
    words: Sequence[str] = args.words
    match args.action:
        case "list":
            return "" if not words else "list takes no name"
        case "address":
            if len(words) < 2 or words[0] not in ("add", "remove"):
                return "address needs add or remove, the group, and addresses"
            if not words[2:] and args.file is None:
                return "no addresses: name them, or --from FILE"
            return "address add needs --proof" if words[0] == "add" and not args.proof.strip() else ""
        case "add":
            missing = args.query is None or args.every is None
            return "add needs a name, --query and --every" if missing or len(words) != 1 else ""
        case _:
            return "" if len(words) == 1 else f"{args.action} needs the name of a group"


def _act(args: argparse.Namespace, settings: Settings, store: Store) -> int:
    match args.action:
        case "add":
            _add(args, store)
        case "list":
            _list(store, machine=args.json)
        case "show":
            _show(store, args.words[0], settings.calendar, machine=args.json)
        case "remove":
            _remove(args, settings, store)
        case _:
            return _addresses(args, settings, store)
    return 0


def _add(args: argparse.Namespace, store: Store) -> None:
    from shared.subscriptions import groups
    from shared.subscriptions.version import changing

    strength = Strength.MORE if args.more else Strength.FEWER
    options = Options(WEEKDAYS.index(args.on), args.at, args.zone, strength=strength)
    with changing(store) as session:
        wish = (args.query, args.every, args.language, options)
        made = groups.add(session, store.now(session), args.words[0], *wish)
    if args.json:
        print(json.dumps(plain(asdict(made)), ensure_ascii=False))
    else:
        print("The group is made. `vigie groups address add` puts addresses into it.")


def _list(store: Store, *, machine: bool) -> None:
    from shared.subscriptions.groups import groups

    with store.reading() as session:
        found = groups(session)
    if machine:
        print(json.dumps([plain(asdict(each)) for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        print(
            f"{each.name}  {each.active} addresses  {each.every}  {each.language}  {each.query or '(everything)'}"
        )


def _show(store: Store, name: str, zone: tzinfo, *, machine: bool) -> None:
    from shared.subscriptions.groups import group

    with store.reading() as session:
        found = group(session, name)
    if machine:
        print(json.dumps(plain(asdict(found)), indent=2, ensure_ascii=False))
        return
    print(f"{found.name}  {found.every}  {found.language}  {found.query or '(everything)'}")
    for member in found.members:
        state = f"ended: {member.reason}" if member.subscription.ended else "active"
        since = member.subscription.since
        print(f"  {member.address}  {state}  since {moment(since, zone, '-')}")


def _remove(args: argparse.Namespace, settings: Settings, store: Store) -> None:
    from shared.subscriptions import groups
    from shared.subscriptions.keyring import made_keys
    from shared.subscriptions.version import changing

    with changing(store) as session:
        keys, now = made_keys(session, settings), store.now(session)
        ended = groups.remove(session, args.words[0], now, keys=keys, origin="cli")
    print(json.dumps({"ended": ended}) if args.json else f"The group has ended for {ended} addresses.")


def _addresses(args: argparse.Namespace, settings: Settings, store: Store) -> int:
    """Each address for itself: one that is refused keeps no other out."""
    action, name, *named = args.words
    if args.file is not None:
        named += [line.strip() for line in args.file.read_text("utf-8").splitlines() if line.strip()]
    became = {address: _one(args, settings, store, action, name, address) for address in dict.fromkeys(named)}
    if args.json:
        print(json.dumps(became, indent=2, ensure_ascii=False))
    else:
        for address, said in became.items():
            print(f"{address}  {said}")
    return 0 if set(became.values()) <= {"put in", "in it already", "taken out"} else 1


def _one(args: argparse.Namespace, settings: Settings, store: Store, action: str, name: str, address: str) -> str:
    from shared.subscriptions import groups
    from shared.subscriptions.keyring import made_keys
    from shared.subscriptions.version import changing

    try:
        with changing(store) as session:
            keys, now = made_keys(session, settings), store.now(session)
            if action == "remove":
                gone = groups.remove_address(session, name, address, now, keys=keys, origin="cli")
                return "taken out" if gone else "was not in it"
            said = {"proof": args.proof, "again": args.again}
            added = groups.add_address(session, name, address, now, keys=keys, **said)
            return "put in" if added else "in it already"
    except (BadInput, Conflict) as error:
        return f"refused: {error}"


def _usage(said: str) -> int:
    print(f"vigie groups: {said}", file=sys.stderr)
    return 2
