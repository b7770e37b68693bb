"""Add, list, show, export, resume, erase subscribers; show the consent record of an address.

Without --confirmed a confirmation mail goes out, and nothing holds before its link is used. With --confirmed you
say that you hold the person's consent: no mail is sent, and every item first seen from now on counts. Who is
suspended (mails came back, or the reader complained) gets nothing until they confirm anew, or `resume` says that
the mailbox is good again; it also does so of an address that nobody has any more.

example: vigie people add reader@example.org --query 'theme:energy lang:de' --every daily
example: vigie people add reader@example.org --query 'theme:ai' --every instant --confirmed --proof 'form of 3 May'
example: vigie people add reader@example.org --query 'theme:ai' --every weekly --dry-run
example: vigie people show reader@example.org
example: vigie people resume reader@example.org
example: vigie people export reader@example.org > reader.json
example: vigie people consent reader@example.org
example: vigie people erase reader@example.org
exit codes: 0 done, 1 nobody has this address, or resume found nobody suspended, 2 the address, the query or the
usage is wrong, 3 no database
"""

import argparse
import json
import sys
from contextlib import suppress
from dataclasses import asdict
from datetime import tzinfo

from services.cli.arguments import natural
from services.cli.shown import moment
from shared.config import Settings
from shared.errors import BadInput, Conflict, NotFound, QueryError
from shared.items import LANGUAGES
from shared.plain import plain
from shared.store import Store
from shared.subscriptions.options import WEEKDAYS, Options, Strength
from shared.subscriptions.people import Person
from shared.subscriptions.words import DEFAULT_ZONE, Every
from shared.wiring import ready_store


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("add", "list", "show", "export", "consent", "resume", "erase"))
    parser.add_argument("address", nargs="?", help="the person's e-mail address; all but `list` need it")
    parser.add_argument("--query", help="add: what to look for, in the grammar of `vigie search`")
    parser.add_argument("--every", choices=[each.value for each in Every], help="add: how often to write")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="add: of the mails; default: en")
    parser.add_argument("--confirmed", action="store_true", help="add: consent is held already; no mail is sent")
    parser.add_argument("--proof", default="", help="add --confirmed: where you hold the consent; it is recorded")
    parser.add_argument("--on", choices=WEEKDAYS, default=WEEKDAYS[0], help="add --every weekly: the day")
    parser.add_argument("--at", type=natural, default=7, metavar="HOUR", help="add: the hour of digests (7)")
    parser.add_argument("--zone", default=DEFAULT_ZONE, help="add: the IANA time zone of the hour")
    parser.add_argument(
        "--more", action="store_true", help="add --every instant: tags under .8 at once, not in the next digest"
    )
    parser.add_argument("--updates", action="store_true", help="add: mails also where a mailed text changed")
    parser.add_argument("--dry-run", action="store_true", help="add: print the mails that follow; change nothing")
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    if args.action != "list" and not args.address:
        return _usage(f"{args.action} needs an address")
    if args.action == "add" and (args.query is None or args.every is None):
        return _usage("add needs --query and --every; an empty query means everything")
    if args.dry_run and args.action != "add":
        return _usage("--dry-run goes with add")
    store = ready_store(settings)
    try:
        return _act(args, settings, store)
    except QueryError as error:
        return _usage(f"{error} (at character {error.position + 1} of the query)")
    except BadInput as error:
        return _usage(str(error))
    finally:
        store.close()


def _act(args: argparse.Namespace, settings: Settings, store: Store) -> int:
    match args.action:
        case "add" if args.dry_run:
            return _try(args, settings, store)
        case "add":
            _add(args, settings, store)
        case "list":
            _list(store, settings.calendar, machine=args.json)
        case "show":
            _show(args, settings, store)
        case "export":
            _export(store, args.address)
        case "consent":
            _consent(args, settings, store)
        case "resume":
            return _resume(args, settings, store)
        case _:
            _erase(args, settings, store)
    return 0


def _add(args: argparse.Namespace, settings: Settings, store: Store) -> None:
    from shared.subscriptions import lifecycle
    from shared.subscriptions.keyring import made_keys
    from shared.subscriptions.version import changing

    wish = (args.address, args.query, args.every, args.language)
    options = _options(args)
    proof = _proof(args) if args.confirmed else ""
    with changing(store) as session:
        keys, now = made_keys(session, settings), store.now(session)
        if args.confirmed:
            added = lifecycle.add_confirmed(session, now, *wish, keys=keys, options=options, proof=proof)
        else:
            lifecycle.request(session, now, *wish, keys=keys, origin="cli", options=options)
    if args.json:
        print(json.dumps(plain(asdict(added)) if args.confirmed else {"confirmed": False}))
    elif args.confirmed:
        print("The subscription holds for every item first seen from now on.")
    else:
        print("A confirmation mail goes out, unless the subscription holds already; five a day to one mailbox.")


def _options(args: argparse.Namespace) -> Options:
    at = (WEEKDAYS.index(args.on), args.at, args.zone)
    return Options(*at, strength=Strength.MORE if args.more else Strength.FEWER, updates=args.updates)


def _try(args: argparse.Namespace, settings: Settings, store: Store) -> int:
    from services.cli.previewing import rehearsal_of, show
    from shared.subscriptions.wishes import checked

    wish = checked(args.address, args.query, args.every, args.language, _options(args))
    return show(
        rehearsal_of(settings, store).wish(wish, confirmed=args.confirmed), settings.calendar, machine=args.json
    )


def _proof(args: argparse.Namespace) -> str:
    """Where the consent is held: who sends mail must be able to show it. Asked for, where somebody can answer."""
    proof: str = args.proof
    if not proof and sys.stdin and sys.stdin.isatty():
        proof = input("Where do you hold this person's consent? ")
    if not proof.strip():
        print("vigie people: no --proof: the record cannot say where you hold the consent", file=sys.stderr)
    return " ".join(proof.split())


def _list(store: Store, zone: tzinfo, *, machine: bool) -> None:
    from shared.subscriptions.people import everybody

    with store.reading() as session:
        people = everybody(session)
    if machine:
        print(json.dumps([plain(asdict(person)) for person in people], indent=2, ensure_ascii=False))
        return
    for person in people:
        active = sum(subscription.active for subscription in person.subscriptions)
        away = person.suspension
        how = f"  {'complained' if away.complaint else 'suspended'} {moment(away.at, zone)}" if away else ""
        print(f"{person.address}  {active} active of {len(person.subscriptions)}{how}")


def _show(args: argparse.Namespace, settings: Settings, store: Store) -> None:
    from shared.subscriptions.keyring import made_keys
    from shared.subscriptions.people import find
    from shared.subscriptions.suspensions import suppressed

    with store.writing() as session:
        if away := suppressed(session, args.address, keys=made_keys(session, settings)):
            raise NotFound(
                f"nobody has this address; since {moment(away.at, settings.calendar)} nothing goes there: {away}. "
                "`vigie people resume` lifts it."
            )
        person = find(session, args.address)
    if args.json:
        print(json.dumps(plain(asdict(person)), indent=2, ensure_ascii=False))
    else:
        _print_person(person, settings.calendar)


def _print_person(person: Person, zone: tzinfo) -> None:
    since = moment(person.created_at, zone)
    print(f"{person.address}  {person.id}  {person.language}  {person.zone}  since {since}")
    if away := person.suspension:
        print(f"  suspended {moment(away.at, zone)}: {away}. `vigie people resume` lifts it.")
    for each in person.subscriptions:
        state = "ended" if each.ended else "active" if each.confirmed else "pending"
        print(f"  {each.id}  {state}  {each.every}  {each.language}  {each.query or '(everything)'}")


def _export(store: Store, address: str) -> None:
    """Always JSON: the copy that a person has a right to."""
    from shared.subscriptions.people import export

    with store.reading() as session:
        copy = export(session, address)
    print(json.dumps(plain(asdict(copy)), indent=2, ensure_ascii=False))


def _consent(args: argparse.Namespace, settings: Settings, store: Store) -> None:
    """Always JSON. It holds after an erasure too: the record knows the address by its keyed hash alone."""
    from shared.subscriptions.addresses import normalise
    from shared.subscriptions.consent import consent_of_address
    from shared.subscriptions.keyring import made_keys

    with store.writing() as session:
        lines = consent_of_address(session, made_keys(session, settings), normalise(args.address))
    if not lines:
        raise NotFound("nothing was ever agreed under this address")
    print(json.dumps([plain(asdict(line)) for line in lines], indent=2, ensure_ascii=False))


def _resume(args: argparse.Namespace, settings: Settings, store: Store) -> int:
    from shared.subscriptions.keyring import made_keys
    from shared.subscriptions.people import find
    from shared.subscriptions.suspensions import lift, lift_address
    from shared.subscriptions.version import changing

    with changing(store) as session:
        keys, now = made_keys(session, settings), store.now(session)
        if lift_address(session, args.address, keys=keys):
            lifted = True
        else:
            person = find(session, args.address)
            lifted = lift(session, person.id, now, keys=keys, origin="cli", reason="resumed by an operator")
    if args.json:
        print(json.dumps({"resumed": lifted}))
    else:
        print("Mails go there again from now on." if lifted else "The person was not suspended.")
    return 0 if lifted else 1


def _erase(args: argparse.Namespace, settings: Settings, store: Store) -> None:
    from shared.mail_files import forget
    from shared.subscriptions.erasure import erase_for_good
    from shared.subscriptions.keyring import made_keys

    with store.writing() as session:
        keys = made_keys(session, settings)
    erased = erase_for_good(store, args.address, keys=keys)
    forget(settings.mail_dir, erased.mails)
    if args.json:
        print(json.dumps({"erased": True, "whole": erased.whole}))
    elif erased.whole:
        print("The person and every trace of the address are erased.")
    else:
        print("The person is erased. Old pages of the database stay in its log while it is read: an hour at most.")
    _write_down(settings, store)


def _write_down(settings: Settings, store: Store) -> None:
    """In the journal, too, so that no backup brings the person back. A notifier that runs does it itself."""
    from services.notifier.app import open_keeper

    if not store.sqlite:
        return
    keeper = open_keeper(settings, store)
    with suppress(Conflict):
        keeper.look()
    keeper.close()


def _usage(said: str) -> int:
    print(f"vigie people: {said}", file=sys.stderr)
    return 2
