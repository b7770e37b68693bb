"""`vigie sources probe`, `add`, `import` and `export`: how sources come in and go out."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from services.cli.shown import plain, print_json, said, words
from shared.clock import SystemClock, rfc3339
from shared.config import Settings
from shared.errors import BadInput, Conflict
from shared.shown_url import without_secrets
from shared.sources import store as sources
from shared.sources.catalogue import Kind, SourceConfig, source_config
from shared.store import Store

if TYPE_CHECKING:
    from services.collector.probe import Probe
    from services.collector.robots import Robots
    from shared.web.client import WebClient

_SHOWN: Final = (
    "status",
    "content_type",
    "moved_to",
    "robots",
    "conditional",
    "format",
    "title",
    "site",
    "language",
)


def configure_add(parser: argparse.ArgumentParser) -> None:
    """The options of `add`."""
    parser.add_argument("url", metavar="URL")
    parser.add_argument("--id", help="default: made of the address")
    parser.add_argument("--name", help="default: the feed's title")
    parser.add_argument("--country", default="", help="two letters; dates without a zone are read in its zone")
    parser.add_argument(
        "--language", action="append", default=[], help="language it publishes in; may be repeated"
    )
    parser.add_argument("--organisation", default="", help="whose channel it is")
    parser.add_argument("--interval", type=int, help="fixed seconds between two polls; default: adaptive")
    parser.add_argument(
        "--robots-override", default="", metavar="REASON", help="poll although robots.txt forbids it"
    )
    parser.add_argument("--force", action="store_true", help="add it as a feed whatever the probe finds")
    parser.add_argument("--yes", action="store_true", help="accept what is found without being asked")


def probe(args: argparse.Namespace, settings: Settings) -> int:
    """Say what is at an address."""
    found = _probed(args.url, settings)
    if args.json:
        print_json(plain(asdict(found)))
    else:
        _print_probe(found)
    return 0 if found.ok else 1


def add(args: argparse.Namespace, settings: Settings, store: Store) -> int:
    """Find out how an address is read, show what it would bring, and watch it once that is accepted."""
    found = None if args.force else _best(args.url, settings, args.country)
    if found and not found.ok and not (args.robots_override and found.robots == "forbidden"):
        _print_probe(found, sys.stderr)
        raise BadInput(f"{found.url} is not added: {found.problem} (--force adds it all the same)")
    if found and not _accepted(args, found):
        raise BadInput(f"{args.url} is not added: nobody accepted what was found. --yes accepts it unasked.")
    with store.reading() as session:
        taken = [one.id for one in sources.list_sources(session)]
    config = _config(args, found, taken)
    with store.writing() as session:
        sources.add_source(session, config, store.now(session))
    return said(
        args, {"id": config.id, "url": without_secrets(config.url)}, f"{config.id} is watched from now on."
    )


def import_opml(args: argparse.Namespace, store: Store) -> int:
    """Add the feeds of an OPML file; exit code 1 when some outlines were refused."""
    from services.collector.opml import MAX_BYTES, read_opml

    body = _read(args.file, MAX_BYTES)
    added, known, refused = 0, 0, []
    with store.reading() as session:
        taken = [one.id for one in sources.list_sources(session)]
    for found in read_opml(body, taken):
        if isinstance(found, str):
            refused.append(found)
            continue
        try:
            with store.writing() as session:
                sources.add_source(session, found, store.now(session))
            added += 1
        except Conflict:
            known += 1
    for reason in refused:
        print(f"refused: {reason}", file=sys.stderr)
    counts = {"added": added, "known": known, "refused": len(refused)}
    said(args, counts, f"{added} sources added, {known} were known, {len(refused)} refused.")
    return 1 if refused else 0


def export_opml(args: argparse.Namespace, store: Store) -> int:
    """Print all feeds as OPML; those whose address holds a password or a key only when asked to."""
    from services.collector.opml import write_opml

    with store.reading() as session:
        configs = sources.configurations(session)
    open_ones = [config for config in configs if without_secrets(config.url) == config.url]
    print(write_opml(configs if args.secrets else open_ones), end="")
    if others := [config.id for config in open_ones if config.kind is not Kind.FEED]:
        kinds = "listing pages, sitemaps and mailboxes, which OPML has no word for"
        print(f"{len(others)} left out, for they are {kinds}: {', '.join(others)}", file=sys.stderr)
    if not args.secrets and len(open_ones) < len(configs):
        left_out = len(configs) - len(open_ones)
        print(f"{left_out} left out, for their addresses hold a password or a key: --secrets", file=sys.stderr)
    return 0


def _accepted(args: argparse.Namespace, found: "Probe") -> bool:
    """Whether what was found is what was asked for: a feed at the address is; anything else a person must see."""
    if args.yes or (found.url == without_secrets(args.url) and found.format != "listing"):
        return True
    _print_probe(found, sys.stderr)
    if not sys.stdin.isatty():
        return False
    print("Watch these entries? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes", "j", "ja", "o", "oui")


def _config(args: argparse.Namespace, found: "Probe | None", taken: list[str]) -> SourceConfig:
    """The new source: what was said of it, else what the probe found."""
    from services.collector.opml import id_for

    block: dict[str, Any] = {
        "id": args.id or id_for(args.url, taken),
        "kind": (Kind.LISTING if found and found.format == "listing" else Kind.FEED).value,
        "url": found.url if found and found.url != without_secrets(args.url) else args.url,
        "name": args.name or (found.title if found else ""),
        "country": args.country,
        "languages": args.language or ([found.language] if found and found.language else []),
        "organisation": args.organisation,
        "homepage": (found.site or "") if found else "",
        "robots_override": args.robots_override,
    }
    return source_config(block | ({"interval": args.interval} if args.interval else {}), "the new source")


def _read(path: Path, limit: int) -> bytes:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    if len(body) > limit:
        raise BadInput(f"{path} is larger than {limit / 1e6:g} MB")
    return body


def _best(url: str, settings: Settings, country: str) -> "Probe":
    from services.collector.probe import best

    return best(*_doors(settings), url, country)


def _probed(url: str, settings: Settings, country: str = "") -> "Probe":
    from services.collector.probe import probe

    return probe(*_doors(settings), url, country)


def _doors(settings: Settings) -> tuple["WebClient", "Robots"]:
    from services.collector.robots import Robots
    from shared.web.client import WebClient

    clock = SystemClock()
    web = WebClient(settings, clock)
    return web, Robots(web, clock)


def _print_probe(found: "Probe", to: TextIO | None = None) -> None:
    """On standard output, or beside it for who asked for something else."""
    print(*_lines(found), sep="\n", file=to or sys.stdout)


def _lines(found: "Probe") -> Iterator[str]:
    what = {None: "not usable", "listing": "a listing page"}.get(found.format, "a feed")
    yield found.url
    yield f"{what if found.ok else 'not usable'}{f': {found.problem}' if found.problem and not found.ok else ''}"
    values = asdict(found)
    for name in _SHOWN:
        if values[name] not in (None, ""):
            yield f"  {name:13}{words(values[name])}"
    if found.format:
        yield f"  {'entries':13}{found.entries}, {found.with_link} with a link, {found.with_date} with a date"
        yield f"  {'newest':13}{rfc3339(found.newest) or 'no date'}"
    for entry in found.shown:
        day = f"{entry.published:%Y-%m-%d}" if entry.published else "no date"
        yield f"  {day:13}{entry.title[:80]}\n  {'':13}{entry.url or '(no link)'}"
    for reason in found.reasons:
        yield f"  {'because':13}{reason}"
    for title in found.second[:3]:
        yield f"  {'second best':13}{title[:80]}"
    for feed in found.feeds:
        yield f"  try {feed.url}  {feed.title}".rstrip()
