"""`vigie sources import` and `export`: lists of feeds that readers exchange."""

import argparse
import sys

from services.cli.inputs import read_bounded
from services.cli.shown import said
from shared.errors import Conflict
from shared.shown_url import without_secrets
from shared.sources import store as sources
from shared.sources.catalogue import Kind
from shared.store import Store


def import_opml(args: argparse.Namespace, store: Store) -> int:
    """Add the feeds of an OPML file; exit code 1 when some outlines were refused."""
    from services.collector.opml import MAX_BYTES, read_opml

    body = read_bounded(args.file, MAX_BYTES)
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
