"""Take items out of the archive for good, because somebody whom they concern asks for it, or their publisher.

They are gone from the archive, the index, every export and feed; their addresses answer 410 with the reason, and
neither a later poll nor an import brings them back. An address that the archive has not is kept out all the same.
What remains elsewhere is said at the end. Reasons: request, publisher, law, mistake.

`retain` gives up at once what VIGIE_KEEP_ITEMS keeps for a time only, as the archivist does by itself every day;
with --dry-run it says how much that is.

`pack` keeps the texts of an archive on SQLite in half the room, which one that this version began does from its
beginning; no version before this one can read them, and `pack --undo` brings them back. Everything may go on
meanwhile, and an interrupted one goes on where it was. What becomes free is used again; the file does not shrink.

example: vigie items remove https://example.org/news/17 --reason publisher --yes
example: vigie items remove 0a1b2c3d4e5f60718293a4b5c6d7e8f9 --reason request --note "letter of 3 March" --yes
example: vigie items removed
example: vigie items retain --dry-run
exit codes: 0 done; 1 without --yes: what would go; 2 usage or settings; 3 the database does not answer
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from services.cli.shown import moment
from shared.clock import rfc3339
from shared.config import Settings
from shared.errors import ConfigError
from shared.store import Store
from shared.wiring import ready_store

if TYPE_CHECKING:
    from shared.archive.removal import Removal, Removed


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("remove", "removed", "retain", "pack"))
    parser.add_argument("item", nargs="*", help="ids, as `vigie search` gives them, or addresses")
    parser.add_argument(
        "--reason", choices=("request", "publisher", "law", "mistake"), help="remove: shown to readers"
    )
    parser.add_argument("--note", default="", help="remove: for operators, shown to nobody else")
    parser.add_argument("--yes", action="store_true", help="remove, retain: do it; nothing comes back")
    parser.add_argument("--dry-run", action="store_true", help="retain: say what would go, and end with 0")
    parser.add_argument("--undo", action="store_true", help="pack: keep all texts as they are again")
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    if args.action == "remove" and (not args.item or not args.reason):
        raise ConfigError("name the items, and a --reason: request, publisher, law or mistake.")
    with closing(ready_store(settings)) as store:
        match args.action:
            case "remove":
                return _remove(store, settings, args)
            case "retain":
                from services.cli.retaining import retain

                return retain(store, settings.item_rules, args)
            case "pack":
                from services.cli.packing import pack

                return pack(store, args)
            case _:
                return _list(store, args.json, settings.calendar)


def _remove(store: Store, settings: Settings, args: argparse.Namespace) -> int:
    named = {_id_of(store, each): each for each in args.item}
    if not args.yes:
        print(f"This would take out for good: {', '.join(named)}. Add --yes to do it.", file=sys.stderr)
        return 1
    removals = _taken_out(store, list(named), args.reason, args.note)
    comes_back = _remembered(settings, removals)
    remains = {each.removed.item_id: [*_remains(store, settings, each), *comes_back] for each in removals}
    if args.json:
        print(json.dumps([_as_json(each, remains) for each in removals], ensure_ascii=False, indent=2))
        return 0
    for each in removals:
        print(
            f"{each.removed.item_id}  {each.title}" if each.was_there else f"{each.removed.item_id}  will not come"
        )
        for line in remains[each.removed.item_id]:
            print(f"  remains: {line}")
    return 0


def _id_of(store: Store, named: str) -> str:
    """The id of an item or address, whether the archive has it or not."""
    from shared.archive.named import id_of
    from shared.archive.search import find

    with store.reading() as session:
        found = find(session, named)
    return found.item_id if found is not None else id_of(named)


def _taken_out(store: Store, ids: Sequence[str], reason: str, note: str) -> Sequence["Removal"]:
    from shared.archive.locks import alone
    from shared.archive.removal import Because, remove
    from shared.sources.store import forget_words

    with store.writing() as session:
        alone(store, session)
        now = store.now(session)
        forget_words(session, ids)
        return [remove(session, id_, Because(reason), now, note) for id_ in ids]


def _remembered(settings: Settings, removals: Sequence["Removal"]) -> Sequence[str]:
    """Keep them out of a database that is put back; what to say where that is not possible."""
    from shared.archive.kept_out import list_beside, remember
    from shared.errors import JournalUnavailable

    try:
        remember(list_beside(settings.journal_path), (each.removed for each in removals))
    except JournalUnavailable as error:
        return [f"after a restore it is there again, for {error}"]
    return []


def _remains(store: Store, settings: Settings, removal: "Removal") -> Iterator[str]:
    """What a removal cannot reach."""
    from services.cli.vitals import KEEP
    from shared.subscriptions.matches import mails_about

    with store.reading() as session:
        mails = mails_about(session, removal.removed.item_id)
    if mails:
        yield f"{mails} mails that were sent with it. Those that wait leave it out when they go."
    if settings.bus_url:
        yield "its records on Kafka, and its dead letters, until retention_days of VIGIE_BUS_URL are over"
    else:
        yield f"its records in the embedded log, and its dead letters, for {KEEP.days} days at most"
    if not settings.database_url:
        yield "its words in free pages of the database file, until SQLite uses them again"
    if removal.siblings:
        yield f"the same story elsewhere: {', '.join(removal.siblings)}"
    yield "backups from before, and copies that readers took: exports, and what their feed readers keep"


def _list(store: Store, machine: bool, zone: tzinfo) -> int:
    from shared.archive.removal import removed_items

    with store.reading() as session:
        found = removed_items(session)
    if machine:
        print(json.dumps([_facts(each) for each in found], ensure_ascii=False, indent=2))
        return 0
    for each in found:
        print(f"{moment(each.removed_at, zone)}  {each.item_id}  {each.reason:<9}  {each.note}".rstrip())
    return 0


def _facts(removed: "Removed") -> Mapping[str, Any]:
    return {
        "item_id": removed.item_id,
        "story": removed.story,
        "reason": removed.reason,
        "note": removed.note,
        "removed_at": rfc3339(removed.removed_at),
    }


def _as_json(removal: "Removal", remains: Mapping[str, Sequence[str]]) -> Mapping[str, Any]:
    at = removal.removed.item_id
    return {**_facts(removal.removed), "was_there": removal.was_there, "remains": remains[at]}
