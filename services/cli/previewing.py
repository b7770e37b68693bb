"""Mails that would go, printed: `vigie deliveries preview`, and `--dry-run` of what makes mails go."""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, tzinfo
from email.header import decode_header, make_header
from typing import TYPE_CHECKING, Final

from services.cli.shown import moment
from shared.clock import rfc3339
from shared.config import Settings
from shared.errors import BadInput
from shared.items import LANGUAGES
from shared.store import Store
from shared.subscriptions.wishes import checked
from shared.subscriptions.words import Every
from shared.wiring import open_bus

if TYPE_CHECKING:
    from services.notifier.letters import Watched
    from services.notifier.mime import Mail
    from services.notifier.rehearsal import Rehearsal, Rehearsed

LINE: Final = "=" * 72
EXAMPLE: Final = "preview@example.org"  # who gets what nobody in particular would; no address of our examples


def rehearsal_of(settings: Settings, store: Store) -> "Rehearsal":
    """Of this installation: its sender, its links, its signature."""
    from services.notifier.rehearsal import Rehearsal
    from services.notifier.senders import pen_of
    from services.notifier.watchman import Watchman
    from shared.subscriptions.keyring import made_keys
    from shared.subscriptions.links import Links

    def watched(since: datetime) -> "Watched | None":
        with closing(open_bus(settings)) as bus:
            return Watchman(store, bus).over(since)

    def links(session: object) -> Links:
        return Links(settings.portal_url, made_keys(session, settings))  # type: ignore[arg-type]  # a Session

    return Rehearsal(store, pen_of(settings, watched), links, settings.instant_per_hour)


def configure_preview(parser: argparse.ArgumentParser) -> None:
    """The options of `preview`."""
    about = parser.add_argument_group("of `vigie deliveries preview`")
    about.add_argument("--for", dest="address", default="", metavar="ADDRESS", help="what goes to this reader")
    about.add_argument("--next", action="store_true", help="not what is due now: what is due next")
    about.add_argument("--query", help="what a subscription to this would bring")
    about.add_argument("--every", choices=[each.value for each in Every], help="with --query; default: daily")
    about.add_argument("--language", choices=LANGUAGES, help="with --query; default: en")
    about.add_argument("--raw", action="store_true", help="the bytes of the mail, as it would leave")


def wrong_preview(args: argparse.Namespace) -> str:
    """What is wrong about them; empty where nothing is."""
    chosen = [args.address, args.next, args.query is not None, args.every, args.language]
    if args.action != "preview":
        raw = args.raw and not args.dry_run
        return (
            "--for, --next, --query, --every, --language and --raw go with preview." if any(chosen) or raw else ""
        )
    if args.id and any(chosen):
        return "name deliveries, or say whose or which mails."
    if args.query is None:
        return "--every and --language go with --query." if args.every or args.language else ""
    return "--next goes without --query." if args.next else ""


def preview(args: argparse.Namespace, settings: Settings, store: Store) -> int:
    """`vigie deliveries preview`. Raises BadInput, QueryError, NotFound."""
    rehearsal, who = rehearsal_of(settings, store), args.address
    machine, raw = args.json, args.raw
    if args.id:
        return show(rehearsal.these(args.id), settings.calendar, machine=machine, raw=raw)
    if args.query is not None:
        wish = checked(who or EXAMPLE, args.query, args.every or Every.DAILY, args.language or "en")
        return show(rehearsal.wish(wish), settings.calendar, machine=machine, raw=raw)
    found = rehearsal.next(who, args.limit) if args.next else rehearsal.now(who, args.limit)
    if not found and not args.next and (at := rehearsal.next_at(who)):
        print(
            f"vigie deliveries: nothing is due before {moment(at, settings.calendar)}: --next shows it.",
            file=sys.stderr,
        )
    elif not found:
        print("vigie deliveries: nothing waits to be mailed.", file=sys.stderr)
    return show(found, settings.calendar, machine=machine, raw=raw)


def show(found: Sequence["Rehearsed"], zone: tzinfo, *, machine: bool, raw: bool = False) -> int:
    """Print what would go. The exit code is 1 where nothing would. Raises BadInput for --raw of several mails."""
    mails = [one for one in found if one.mail is not None]
    if machine:
        print(json.dumps([_machine(one) for one in found], indent=2, ensure_ascii=False))
    elif raw:
        if len(mails) > 1:
            raise BadInput(f"--raw prints one mail, and {len(mails)} would go: --json has the bytes of all")
        sys.stdout.flush()
        sys.stdout.buffer.writelines(one.mail.as_bytes() for one in mails if one.mail)
    else:
        for one in found:
            print(*_lines(one, zone), sep="\n")
    return 0 if mails else 1


def _lines(one: "Rehearsed", zone: tzinfo) -> Sequence[str]:
    about = f"{one.kind}  {one.delivery}  {one.state}  {moment(one.at, zone)}"
    if one.mail is None:
        return (LINE, about, LINE, f"Nothing would be sent: {one.reason}.", "")
    headers = [f"{name}: {_decoded(value)}" for name, value in one.mail.headers]
    return (LINE, about, LINE, *headers, "", one.mail.text)


def _decoded(value: str) -> str:
    return str(make_header(decode_header(value)))


def _machine(one: "Rehearsed") -> dict[str, object]:
    mail = one.mail
    return {
        "delivery": one.delivery,
        "kind": one.kind,
        "state": one.state,
        "at": rfc3339(one.at),
        "reason": one.reason or None,
        "sender": mail.sender if mail else None,
        "recipient": mail.recipient if mail else None,
        "subject": _subject(mail) if mail else None,
        "text": mail.text if mail else None,
        "html": mail.html if mail else None,
        "mime": mail.as_bytes().decode("ascii") if mail else None,
    }


def _subject(mail: "Mail") -> str:
    return next(_decoded(value) for name, value in mail.headers if name == "Subject")
