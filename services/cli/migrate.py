"""Bring database and topics up to date. May be run before every start, and by several processes at once.

Where a new version reads words in another way, the archive is indexed again, with a bar; `vigie run` would do that
beside its work. One that was interrupted goes on where it was.

example: vigie migrate
exit codes: 0 done, 2 settings, 3 the database or the bus does not answer
"""

import argparse
import json
import sys
from contextlib import closing

from tqdm import tqdm

from shared.archive import recount, reindex
from shared.bus import TOPICS
from shared.config import Settings
from shared.store import Store
from shared.store.migrate import upgrade
from shared.store.sweep import sweep_once
from shared.subscriptions.keyring import made_keys
from shared.wiring import open_bus, open_store


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    upgrade(settings.store_url)
    with closing(open_store(settings)) as store:
        sweep_once(store)
        with store.writing() as session:
            made_keys(session, settings)
        _index(store)
    with closing(open_bus(settings)) as bus:
        bus.ensure_topics(TOPICS)
    print(json.dumps({"ok": True}) if args.json else "Database and topics are up to date.")
    return 0


def _index(store: Store) -> None:
    with store.reading() as session:
        left = reindex.standing(session).left
    with tqdm(desc="indexing", total=left, unit="items", disable=not (left and sys.stderr.isatty())) as bar:
        while done := reindex.step(store):
            bar.update(done)
    with store.reading() as session:
        left = recount.left(session)
    with tqdm(desc="counting", total=left, unit="items", disable=not (left and sys.stderr.isatty())) as bar:
        while done := recount.step(store):
            bar.update(done)
