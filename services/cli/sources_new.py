"""`vigie sources probe` and `add`: how an address becomes a source."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Final, TextIO

from services.cli.arguments import count
from services.cli.inputs import agreed, doors
from services.cli.shown import day, moment, plain, print_json, said, words
from shared.config import Settings
from shared.errors import BadInput
from shared.shown_url import without_secrets
from shared.sources import store as sources
from shared.sources.catalogue import Kind, SourceConfig, source_config
from shared.store import Store

if TYPE_CHECKING:
    from services.collector.probe import Probe

_SHOWN: Final = (
    "status",
    "content_type",
    "moved_to",
    "robots",
    "validators",
    "conditional",
    "format",
    "within",
    "title",
    "site",
    "language",
    "dates",
)


_AS: Final = {Kind.FEED: "a feed", Kind.LISTING: "a listing page", Kind.SITEMAP: "a sitemap"}


def configure_add(parser: argparse.ArgumentParser) -> None:
    """The options of `add`."""
    configure_probe(parser)
    parser.add_argument("--id", help="default: made of the address")
    parser.add_argument("--name", help="default: the feed's title")
    parser.add_argument("--organisation", default="", help="whose channel it is")
    parser.add_argument("--interval", type=count, help="fixed seconds between two polls; default: adaptive")
    parser.add_argument(
        "--robots-override",
        default="",
        metavar="REASON",
        help="poll although robots.txt forbids it, or cannot be read",
    )
    parser.add_argument(
        "--full-text", metavar="REASON", help="read the pages of its entries; why its terms allow that"
    )
    parser.add_argument("--force", action="store_true", help="add it as a feed whatever the probe finds")
    parser.add_argument("--yes", action="store_true", help="accept what is found without being asked")


def configure_probe(parser: argparse.ArgumentParser) -> None:
    """The options of `probe`."""
    parser.add_argument("url", metavar="URL", help="an address; for probe also the id of a source")
    parser.add_argument("--country", default="", help="two letters; dates without a zone are read in its zone")
    parser.add_argument(
        "--language", action="append", default=[], help="language it publishes in; may be repeated"
    )
    parser.add_argument(
        "--browser", action="store_true", help="a script fills the page: read it with VIGIE_BROWSER"
    )


def _address(written: str) -> str:
    """As it is typed: without a scheme where it is https."""
    return written if "://" in written else f"https://{written}"


def probe(args: argparse.Namespace, settings: Settings) -> int:
    """Say how what is at an address would be read: `add` without saving."""
    found = _found(args, settings)
    if args.json:
        print_json(plain(asdict(found)))
    else:
        _print_probe(found, settings.calendar)
    return 0 if found.ok else 1


def add(args: argparse.Namespace, settings: Settings, store: Store) -> int:
    """Find out how an address is read, show what it would bring, and watch it once that is accepted."""
    found = None if args.force else _found(args, settings)
    if found and not found.ok and not (args.robots_override and found.kept_out):
        _print_probe(found, settings.calendar, sys.stderr)
        way = "--robots-override REASON" if found.kept_out else "--force"
        raise BadInput(f"{found.url} is not added: {found.problem} ({way} adds it all the same)")
    if found and not _accepted(args, found, settings.calendar):
        raise BadInput(f"{args.url} is not added: nobody accepted what was found. --yes accepts it unasked.")
    with store.reading() as session:
        taken = [one.id for one in sources.list_sources(session)]
    config = _config(args, found, taken)
    with store.writing() as session:
        shape = found.shape.stored() if found and found.shape else None
        sources.add_source(session, config, store.now(session), shape)
    values = {"id": config.id, "kind": config.kind.value, "url": without_secrets(config.url)}
    return said(args, values, f"{config.id} is watched from now on, as {_AS[config.kind]}.")


def _accepted(args: argparse.Namespace, found: "Probe", zone: tzinfo) -> bool:
    """Whether what was found is what was asked for: a feed at the address is; anything else a person must see."""
    if args.yes or (found.url == without_secrets(args.url) and found.format != "listing"):
        return True
    _print_probe(found, zone, sys.stderr)
    return agreed("Watch these entries?")


def _config(args: argparse.Namespace, found: "Probe | None", taken: list[str]) -> SourceConfig:
    """The new source: what was said of it, else what the probe found."""
    from services.collector.opml import id_for

    block: dict[str, Any] = {
        "id": args.id or id_for(args.url, taken),
        "kind": (found.kind if found else Kind.FEED).value,
        "url": found.url if found and found.url != without_secrets(args.url) else args.url,
        "name": args.name or (found.title if found else ""),
        "country": args.country,
        "languages": args.language or ([found.language] if found and found.language else []),
        "organisation": args.organisation,
        "homepage": (found.site or args.url) if found else "",
        "robots_override": args.robots_override,
    }
    if args.browser:
        block |= {"browser": True, "kind": Kind.LISTING.value, "url": args.url}
    if args.full_text:
        block |= {"full_text": True, "full_text_reason": args.full_text}
    if args.interval:
        block["interval"] = args.interval
    if found and found.within:
        block["sitemap"] = {"within": found.within}
    return source_config(block, "the new source")


def _found(args: argparse.Namespace, settings: Settings) -> "Probe":
    """What is at the address: for a script's page, what a browser shows there."""
    if not args.browser:
        return _best(args.url, settings, args.country, args.language)
    from services.collector.browser import browser, needs_browser
    from services.collector.probe import rendered

    chromium = browser(settings)
    if chromium is None:
        raise needs_browser(args.url)
    return rendered(*doors(settings), chromium.rendered, args.url, args.country).probe


def _best(url: str, settings: Settings, country: str, languages: Sequence[str]) -> "Probe":
    from services.collector.routes import best

    return best(*doors(settings), url, country, languages)


def _print_probe(found: "Probe", zone: tzinfo, to: TextIO | None = None) -> None:
    """On standard output, or beside it for who asked for something else."""
    print(*_lines(found, zone), sep="\n", file=to or sys.stdout)


def _lines(found: "Probe", zone: tzinfo) -> Iterator[str]:
    what = _AS[found.kind] if found.format else "not usable"
    yield found.url
    yield f"{what if found.ok else 'not usable'}{f': {found.problem}' if found.problem and not found.ok else ''}"
    values = asdict(found)
    for name in _SHOWN:
        if values[name] not in (None, ""):
            yield f"  {name:13}{words(values[name], zone)}"
    if found.format:
        yield f"  {'entries':13}{found.entries}, {found.with_link} with a link, {found.with_date} with a date"
        yield f"  {'newest':13}{moment(found.newest, zone)}"
    for entry in found.shown:
        at = entry.published and entry.published.astimezone(zone)
        yield f"  {day(at):19}{entry.title[:80]}\n  {'':19}{entry.url or '(no link)'}"
    for reason in found.reasons:
        yield f"  {'because':13}{reason}"
    for title in found.second[:3]:
        yield f"  {'second best':13}{title[:80]}"
    if not found.ok:
        for feed in found.feeds:
            yield f"  try {feed.url}  {feed.title}".rstrip()
    for tried in found.tried:
        yield f"  {'tried':13}{tried[:150]}"
