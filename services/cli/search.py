"""Query the archive. Newest first; an empty query finds everything; nothing found prints nothing.

Förderung and Forderung are two words. Where one finds nothing, a table shows what the other spelling finds, and
stderr says so; every other format prints nothing, and stderr names the query that would find something.

A term (data sovereignty) also finds its names in German, French and English; with expand:no it does not.

Begin with -- when the query begins with a minus sign. csv2 is CSV with semicolons and decimal commas, as Excel in
German and French opens it by double click; xlsx holds 100,000 items at most. ics is a calendar: the deadlines of
the calls and the first days of the events that the query finds, from a month ago on.

example: vigie search 'theme:energy "smart grid" -source:cea'
example: vigie search --format csv 'theme:ai country:fr after:2026-01-01' > items.csv
example: vigie search --format bibtex --about ai.about.json theme:ai > ai.bib
example: vigie search --collapse --format csv 'is:franco-german' > events.csv
example: vigie search --format ndjson '' | wc -l
example: vigie search --format ics 'is:call theme:energy' > deadlines.ics
exit codes: 0 done, also when nothing is found; 2 the query cannot be understood; 3 the database does not answer
"""

import argparse
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Final

from services.cli.arguments import natural
from shared.archive.about import About
from shared.archive.found import FoundItem
from shared.config import Settings
from shared.errors import QueryError
from shared.items import Announcement
from shared.query.expansion import wider
from shared.query.impossible import contradiction
from shared.query.strict import parse_strictly
from shared.query.syntax import parse
from shared.store import Store
from shared.wiring import ready_store

TABLE: Final = "table"
SHOWN: Final = 20  # items in a table, unless --limit says otherwise
FORMATS: Final = (TABLE, "json", "ndjson", "csv", "ris", "bibtex", "atom", "csv2", "xlsx", "jsonfeed", "ics")
DATES: Final = "ics"
CALLED: Final = {Announcement.CALL: "Deadline: {title}", Announcement.EVENT: "{title}"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", nargs="*", help="words, fields and operators; several arguments are all wanted")
    parser.add_argument("--format", choices=FORMATS, default=TABLE, help=f"default: {TABLE}, for people")
    parser.add_argument(
        "--about", type=Path, metavar="FILE", help="write query, time, count, models and rights of an export there"
    )
    parser.add_argument("--collapse", action="store_true", help="of each story the newest item only")
    parser.add_argument(
        "--limit", type=natural, metavar="N", help=f"at most N items; default: {SHOWN} in a table, else all"
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    typed = " ".join(args.query)
    try:
        query = _with_other_names(typed)
        tell_unfinished("search", typed)
    except QueryError as error:
        print(explained("search", typed, error), file=sys.stderr)
        return 2
    if args.about and not args.about.absolute().parent.is_dir():
        print(
            f"vigie search: {args.about} cannot be written: name a file in a folder that is there", file=sys.stderr
        )
        return 2
    if _is_new(settings):
        return 0
    if args.format == "xlsx" and sys.stdout.isatty():
        print("vigie search: xlsx is no text: write it to a file, as with > items.xlsx", file=sys.stderr)
        return 2
    limit = SHOWN if args.limit is None and args.format == TABLE else args.limit
    if query != typed and args.format == TABLE:
        print(f"vigie search: asked {query}; expand:no asks for these words only", file=sys.stderr)
    store = ready_store(settings)
    try:
        _answer(store, settings, query, limit, args)
    finally:
        store.close()
    return 0


def _with_other_names(typed: str) -> str:
    """The query, also with the names of its things in other languages where it names any. Raises QueryError."""
    query = parse(typed)
    asked = wider(query)
    return typed if asked.node == query.node else asked.echo()


def _is_new(settings: Settings) -> bool:
    """Whether nobody has started Vigie here yet. A question then makes no database, and has no answer."""
    return not settings.database_url and not (settings.data_dir / "vigie.db").exists()


def _answer(store: Store, settings: Settings, query: str, limit: int | None, args: argparse.Namespace) -> None:
    from shared.archive.announcing import for_calendar
    from shared.archive.collapse import one_per_story
    from shared.archive.search import every

    def find(wanted: str) -> Iterator[FoundItem]:
        if args.format == DATES:
            return for_calendar(store, wanted, store.clock.now().astimezone(settings.calendar).date(), limit)
        if not args.collapse:
            return every(store, wanted, limit=limit)
        return islice(one_per_story(every(store, wanted)), limit)

    found = find(query)
    first = next(found, None)
    if first is None and (other := _otherwise(store, query)) and args.format == TABLE:
        found = find(other)
        first = next(found, None)
    if first is None:
        return  # nothing found prints nothing, not even an empty document
    items = chain([first], found)
    if args.format == TABLE:
        _print_table(items)
    else:
        _print_export(args.format, items, _about(store, settings, query), args.about)


def _otherwise(store: Store, query: str) -> str | None:
    """The query in another spelling that finds something, said on stderr."""
    from shared.archive.search import otherwise

    with store.reading() as session:
        other = otherwise(session, query)
    if other is None:
        return None
    print(
        f"vigie search: nothing found for {query}. Another spelling finds something: {other.query}",
        file=sys.stderr,
    )
    return other.query


def _print_export(form: str, items: Iterable[FoundItem], about: About, sidecar: Path | None) -> None:
    from shared.archive.about import Tally
    from shared.archive.export import export

    tally = Tally()
    for piece in _dates(tally.of(items), about) if form == DATES else export(form, tally.of(items), about):
        sys.stdout.buffer.write(piece)  # the same bytes on every machine
    sys.stdout.buffer.flush()
    if sidecar is not None:
        sidecar.write_text(tally.colophon(about).document(), "utf-8")


def _dates(items: Iterable[FoundItem], about: About) -> Iterator[bytes]:
    from shared.archive.calendar import calendar

    yield calendar(items, about, CALLED)


def _about(store: Store, settings: Settings, query: str) -> About:
    from shared.archive.changes import newest_change

    with store.reading() as session:
        updated = newest_change(session, query)
    now = store.clock.now()
    return About(query, updated or now, settings.portal_url, at=now)


def _print_table(items: Iterable[FoundItem]) -> None:
    width = shutil.get_terminal_size((120, 24)).columns if sys.stdout.isatty() else 160
    for line in _table(tuple(items), width):
        print(line)


def _table(items: Sequence[FoundItem], width: int) -> Iterator[str]:
    """Day, source, language, themes and title in columns, one line an item."""
    rows = [(item.day.isoformat(), item.source, item.language, ",".join(item.themes)) for item in items]
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    for item, row in zip(items, rows, strict=True):
        lead = "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True))
        yield f"{lead}  {_shortened(item.title, width - len(lead) - 2)}"


def _shortened(text: str, room: int) -> str:
    room = max(room, 20)
    return text if len(text) <= room else f"{text[: room - 1]}…"


def tell_unfinished(command: str, query: str) -> None:
    """Say what a query that lost something was taken as, and that one finds nothing, ever. Raises QueryError."""
    taken = parse(query).echo()
    try:
        parse_strictly(query)
    except QueryError:
        print(f"vigie {command}: the query is not finished; taken as: {taken}", file=sys.stderr)
    if never := contradiction(wider(parse(query)).node):
        print(
            f"vigie {command}: this can never hold at once, so nothing is found: {never.echo()}", file=sys.stderr
        )


def explained(command: str, query: str, error: QueryError) -> str:
    """The error with the query and a mark under the character in question."""
    where = error.position
    return f"vigie {command}: character {where + 1}: {error}\n  {query}\n  {' ' * where}^"
