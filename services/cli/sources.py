"""List, show, probe, add, accept, verify, apply, backfill, pause, resume, poll, release, import, export sources.

example: vigie sources list
example: vigie sources list --named
example: vigie sources show inria --json
example: vigie sources probe https://www.example.org/presse
example: vigie sources probe dfki
example: vigie sources add https://www.example.org/presse/feed.xml --country DE --language de
example: vigie sources add https://www.example.org/aktuelles/ --yes
example: vigie sources accept institut
example: vigie sources verify --all --bundle found.json
example: vigie sources apply found.json --yes
example: vigie sources backfill inria --since 2024-01-01
example: vigie sources pause inria --reason 'asked us to wait until May'
example: vigie sources poll inria
example: vigie sources release inria
example: vigie sources import feeds.opml
example: vigie sources export > feeds.opml
exit codes: 0 done; 1 no such source, no feed there, some do not work or were refused; 2 usage; 3 no database
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from services.cli import mailboxes, sources_backfill, sources_new, sources_opml, sources_verified
from services.cli.shown import counted, hub_said, moment, plain, print_json, said, words
from shared.config import Settings
from shared.sources import store as sources
from shared.sources.catalogue import Kind, load_catalogue
from shared.sources.glance import Glance, glance, is_waiting
from shared.sources.hubs import hub_of
from shared.sources.proposals import accept, proposal_of
from shared.sources.proposed import Block, said_of
from shared.sources.states import WORST_FIRST, State
from shared.store import Store
from shared.wiring import open_bus, open_store

COLUMN: Final = 56  # letters of the old and of the new entries, side by side


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listed = actions.add_parser("list", help="all sources, the sick ones first")
    listed.add_argument("--state", choices=[state.value for state in State], help="only those in this state")
    listed.add_argument("--named", action="store_true", help="only the bodies that the mission names")
    for name, help_ in (
        ("show", "everything about one source, and what is held of it"),
        ("resume", "poll a paused source again, at once"),
        ("poll", "poll a source now"),
        ("accept", "do what is proposed: another block of a page, another address"),
        ("release", "send what the flood guard held as live"),
    ):
        actions.add_parser(name, help=help_).add_argument("id", metavar="ID")
    sources_new.configure_probe(
        actions.add_parser("probe", help="look at an address as add does, and save nothing")
    )
    paused = actions.add_parser("pause", help="poll a source no more")
    paused.add_argument("id", metavar="ID")
    paused.add_argument("--reason", default="paused by an operator", help="shown with the source")
    sources_new.configure_add(actions.add_parser("add", help="watch a feed or a news page; it is looked at first"))
    help_ = "ask whether the way to each source works, and look for another one"
    sources_verified.configure_verify(actions.add_parser("verify", help=help_))
    help_ = "read in what verify found: verified ways, better ones, sources that are lost"
    sources_verified.configure_apply(actions.add_parser("apply", help=help_))
    help_ = "bring what it published before it was watched into the archive; mails nobody"
    sources_backfill.configure_backfill(actions.add_parser("backfill", help=help_))
    opml = actions.add_parser("import", help="add the feeds of an OPML file")
    opml.add_argument("file", type=Path, metavar="OPML")
    export = actions.add_parser("export", help="all feeds as OPML, on standard output")
    export.add_argument(
        "--secrets", action="store_true", help="also those with a password or a key in the address"
    )
    for action in actions.choices.values():
        action.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    if args.action == "probe" and "://" in args.url:
        return sources_new.probe(args, settings)
    with closing(open_store(settings)) as store:
        _prepare(store, settings)
        return _act(args, settings, store)


def _act(args: argparse.Namespace, settings: Settings, store: Store) -> int:
    match args.action:
        case "list":
            return _list(args, settings, store)
        case "show":
            return _show(args, settings, store)
        case "add":
            return sources_new.add(args, settings, store)
        case "probe":
            return _probe(args, settings, store)
        case "release":
            return _release(args, settings, store)
        case "verify":
            return sources_verified.verify(args, settings, store)
        case "apply":
            return sources_verified.apply(args, store)
        case "backfill":
            return sources_backfill.backfill(args, settings, store)
        case "import":
            return sources_opml.import_opml(args, store)
        case "export":
            return sources_opml.export_opml(args, store)
        case _:
            return _switch(args, store)


def _prepare(store: Store, settings: Settings) -> None:
    """Bring the store up to date. Before the first start of a collector the catalogue fills it."""
    from services.collector.shipped import SHIPPED
    from shared.sources.sync import sync_catalogue
    from shared.store import migrate, schema

    if store.sqlite:
        migrate.upgrade(settings.store_url)
    schema.check(store)
    with store.reading() as session:
        is_new = not sources.list_sources(session)
    if is_new:
        catalogue = load_catalogue(settings.sources or SHIPPED)
        sync_catalogue(store, catalogue, [account.name for account in settings.mail_accounts])


def _list(args: argparse.Namespace, settings: Settings, store: Store) -> int:
    with store.reading() as session:
        every = sources.list_sources(session)
    found = [one for one in every if args.state in (None, one.state) and (one.named or not args.named)]
    found.sort(key=lambda one: WORST_FIRST.index(State(one.state)))
    if args.json:
        print_json([plain(asdict(one)) for one in found])
        return 0
    if found and sys.stdout.isatty():  # a pipe gets sources alone
        print(_row("source", "kind", "state", "last success", "last new item", "items", "why"))
    for one in found:
        success, news = (
            moment(each, settings.calendar, "never") for each in (one.last_success, one.last_new_item)
        )
        print(_row(one.id, one.kind, one.state, success, news, str(one.items), why_of(one)))
    if args.named:
        print(_glance(glance(every)))
    return 0


def why_of(one: sources.SourceHealth) -> str:
    """Why a source is not well, or not read."""
    if one.error or one.off_reason:
        return one.error or one.off_reason
    if one.state == State.MOVED:
        return f"it moved to {one.moved_to}: `vigie sources accept {one.id}`"
    if one.state == State.EMPTY:
        return "its document has no entries"
    return "not seen to work yet" if one.assumed and is_waiting(one) else ""


def _row(source: str, kind: str, state: str, success: str, news: str, items: str, why: str) -> str:
    """A line of the table; what is long ends the line."""
    return f"{source:26}  {kind:8}  {state:9}  {success:>29}  {news:>29}  {items:>6}  {why[:100]}".rstrip()


def _glance(seen: Glance) -> str:
    ways = ", ".join(f"{count} as {kind}" for kind, count in seen.read.items())
    rest = f"{seen.waiting} not read yet, {seen.sick} sick, {seen.off} off"
    return f"{seen.total} bodies are named: {seen.works} are read{f' ({ways})' if ways else ''}, {rest}."


def _show(args: argparse.Namespace, settings: Settings, store: Store) -> int:
    with store.reading() as session:
        one = sources.source_health(session, args.id)
        held = sources.held_entries(session, args.id)
        accepted, proposed = sources.blocks_of(session, args.id)
        proposal = proposal_of(sources.source_row(session, args.id))
        refusals = sources.refusals_of(session, args.id)
        hub, now = hub_of(session, args.id), store.now(session)
    values = asdict(one) | {
        "held_entries": [{"title": h.title, "reason": h.reason, "held_at": h.held_at} for h in held]
    }
    if args.json:
        blocks = {"accepted": accepted and asdict(accepted), "proposed": proposed and asdict(proposed)}
        found = proposal.found.stored() if proposal and proposal.found else None
        more = {"found": found, "hub": plain(asdict(hub)) if hub else None} | mailboxes.shown_refusals(refusals)
        print_json(plain(values) | plain(blocks) | more)
        return 0
    spans = {name: timedelta(seconds=span) for name in ("interval", "gap") if (span := values[name])}
    for name, value in (values | spans).items():
        if value not in (None, "", [], False):
            print(f"{name:18}{words(value, settings.calendar)}")
    if hub is not None:
        print(f"{'hub':18}{hub.url}\n{'':18}{hub_said(hub, now, settings.calendar)}")
    print_blocks(accepted, proposed)
    if proposal is not None:
        print(said_of(args.id, proposal))
    print(*mailboxes.refusal_lines(refusals, settings.calendar), sep="\n", end="\n" if refusals else "")
    return 0


def _probe(args: argparse.Namespace, settings: Settings, store: Store) -> int:
    """A source by its id, in place of an address."""
    with store.reading() as session:
        config = sources.config_of(sources.source_row(session, args.url))
    if config.kind is Kind.MAILBOX:
        return mailboxes.probe(args, settings, config)
    args.url, args.browser = config.url, args.browser or config.browser
    return sources_new.probe(args, settings)


def print_blocks(accepted: Block | None, proposed: Block | None) -> None:
    """What a listing page was accepted with beside what it shows now."""
    if accepted is not None and proposed is not None:
        rows = zip_longest(_told(accepted), _told(proposed), fillvalue="")
        for old, new in [("accepted", "proposed"), *rows]:
            print(f"  {old[:COLUMN]:{COLUMN}}  {new[:COLUMN]}".rstrip())
        return
    for name, block in (("accepted", accepted), ("proposed", proposed)):
        if block is not None:
            print(f"{name:18}{counted(block.count, 'entry', 'entries')}, {block.dated:.0%} of them dated")
            for url, title in block.samples:
                print(f"{'':18}{title[:70]}\n{'':20}{url}")


def _told(block: Block) -> Iterator[str]:
    """A block in a column: what it holds, its entries, and where the first of them leads."""
    yield f"{counted(block.count, 'entry', 'entries')}, {block.dated:.0%} of them dated"
    yield from (title for _, title in block.samples)
    yield from (urlsplit(url).path for url, _ in block.samples[:1])


def _switch(args: argparse.Namespace, store: Store) -> int:
    """Pause, resume or poll, and show what the source is then."""
    done = ""
    with store.writing() as session:
        match args.action:
            case "pause":
                sources.pause(session, args.id, args.reason)
            case "resume":
                sources.resume(session, args.id, store.now(session))
            case "accept":
                done = accept(session, args.id, store.now(session))
            case _:
                sources.request_poll(session, args.id, store.now(session))
    with store.reading() as session:
        one = sources.source_health(session, args.id)
    done = (
        done
        or {
            "pause": "is paused",
            "resume": "is polled again",
            "poll": "is polled as soon as a collector runs",
        }[args.action]
    )
    return said(args, plain(asdict(one)), f"{args.id} {done}.")


def _release(args: argparse.Namespace, settings: Settings, store: Store) -> int:
    from services.collector.releasing import release_held

    bus = open_bus(settings)
    try:
        released = release_held(store, bus, args.id)
    finally:
        bus.close()
    return said(args, {"released": released}, f"{released} held entries of {args.id} were sent as live.")
