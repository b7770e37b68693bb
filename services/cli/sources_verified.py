"""`vigie sources verify` and `apply`: does the way to each source work, and what follows from that."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final

from services.cli.inputs import agreed, doors, read_bounded
from services.cli.shown import moment, said
from shared.clock import SystemClock
from shared.config import Settings
from shared.errors import BadInput, NotFound
from shared.sources import applying
from shared.sources import store as sources
from shared.sources.catalogue import SourceConfig
from shared.store import Store

if TYPE_CHECKING:
    from services.collector.bundle import Bundle, Found, Present, Step

_LAST: Final = ("ok", "empty", "off", "mailbox")


def configure_verify(parser: argparse.ArgumentParser) -> None:
    """The options of `verify`."""
    parser.add_argument("id", nargs="*", metavar="ID")
    parser.add_argument("--all", action="store_true", help="every source")
    parser.add_argument("--named", action="store_true", help="the bodies that the mission names")
    parser.add_argument("--off", action="store_true", help="ask those that are off, too")
    parser.add_argument("--bundle", type=Path, metavar="FILE", help="write the findings there, for `apply`")


def configure_apply(parser: argparse.ArgumentParser) -> None:
    """The options of `apply`."""
    parser.add_argument("file", type=Path, metavar="BUNDLE")
    parser.add_argument("--yes", action="store_true", help="do it without being asked")


def verify(args: argparse.Namespace, settings: Settings, store: Store) -> int:
    """Ask every wanted source once, and say what came of it; exit code 1 where one that is on does not work."""
    from services.collector.browser import browser
    from services.collector.bundle import FORMAT, Bundle
    from services.collector.shape import restored
    from services.collector.verify import verify as asked

    wanted = _wanted(args, store)
    found: list[Found] = []
    with store.reading() as session:
        shapes = {id_: restored(shape) for id_, shape in sources.accepted_shapes(session).items()}
    chromium = browser(settings)
    show = chromium.rendered if chromium else None
    for each in asked(*doors(settings), wanted, shapes, off=args.off, show=show):
        found.append(each)
        print(f"{len(found)}/{len(wanted)} {each.id}: {each.state}", file=sys.stderr)
    found.sort(key=lambda each: (each.state in _LAST, each.id))
    bundle = Bundle(format=FORMAT, version=_version(), made_at=SystemClock().now(), sources=tuple(found))
    written = bundle.model_dump_json(indent=2)
    if args.bundle:
        args.bundle.write_text(f"{written}\n", "utf-8")
    print(written if args.json else "\n".join(_lines(bundle, settings.calendar)))
    return 0 if all(each.works or each.state in ("off", "mailbox") for each in found) else 1


def apply(args: argparse.Namespace, store: Store) -> int:
    """Show what a bundle changes here, and change it once that is accepted."""
    from services.collector.bundle import MAX_BYTES, changes, plan, read_bundle

    bundle = read_bundle(read_bounded(args.file, MAX_BYTES))
    steps = plan(bundle, _present(store))
    wanted = list(changes(steps))
    values = [{"source": step.source, "change": step.change.value, "why": step.why} for step in steps]
    for step in steps:
        print(f"{step.source:26}  {step.change:8}  {step.why[:150]}", file=sys.stderr)
    if wanted and not (args.yes or agreed(f"Change these {len(wanted)} sources?")):
        raise BadInput("nothing was changed, for nobody accepted it. --yes accepts it unasked.")
    for step in wanted:
        _carry_out(step, store)
    return said(args, values, f"{len(wanted)} of {len(steps)} sources were changed.")


def _wanted(args: argparse.Namespace, store: Store) -> Sequence[SourceConfig]:
    if bool(args.id) == (args.all or args.named):
        raise BadInput("name the sources, or say --all or --named.")
    with store.reading() as session:
        known = sources.configurations(session)
        for id_ in args.id:
            sources.source_row(session, id_)  # raises NotFound, naming the nearest
    wanted = [config for config in known if config.id in args.id or args.all or (args.named and config.named)]
    if not wanted:
        raise NotFound("there is no such source.")
    return wanted


def _present(store: Store) -> "dict[str, Present]":
    from services.collector.bundle import Present

    with store.reading() as session:
        verified = {health.id for health in sources.list_sources(session) if health.verified}
        return {config.id: Present(config, config.id in verified) for config in sources.configurations(session)}


def _carry_out(step: "Step", store: Store) -> None:
    from services.collector.bundle import Change

    with store.writing() as session:
        now = store.now(session)
        if step.change is Change.OFF:
            sources.pause(session, step.source, step.why)
        elif step.route is not None:
            applying.apply_route(session, step.source, step.route, now)
        else:
            applying.mark_verified(session, step.source, now)


def _lines(bundle: "Bundle", zone: tzinfo) -> Iterator[str]:
    for found in bundle.sources:
        seen = f"{found.state:9}  {found.items:5}  {moment(found.newest, zone):29}"
        yield f"{found.id:26}  {found.kind:8}  {seen}  {found.cause[:100]}".rstrip()
        if found.better:
            better = found.better
            yield f"{'':24}  better: {better.kind} {better.url}  {better.items} entries"
    works = sum(found.works for found in bundle.sources)
    yield f"{works} of {len(bundle.sources)} sources work as they are configured."


def _version() -> str:
    from importlib.metadata import version

    return version("vigie")
