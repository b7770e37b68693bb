"""List the keys of links and of hashed addresses; change the key that signs links.

Keys are named, never shown. The newest one makes, all recognise. Where VIGIE_SECRET_KEY or VIGIE_HASH_KEY is set,
its first key is the newest: change it there, with the old one behind a comma. `rotate` makes a new key in the
database that signs links; links in mails that were sent go on working. `forget` ends that: only the newest of the
database's keys opens links then, for the day on which an older one leaked. Keys that hashed addresses stay, for
the consent record is kept; a new one comes by VIGIE_HASH_KEY alone, because a restored database would not know it.

example: vigie keys list
example: vigie keys rotate
exit codes: 0 done, 2 usage or settings, 3 no database
"""

import argparse
from dataclasses import asdict

from services.cli.shown import print_json, said
from shared.config import Settings
from shared.store import Store
from shared.subscriptions import keyring
from shared.wiring import ready_store


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("list", "rotate", "forget"))
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    store = ready_store(settings)
    try:
        with store.writing() as session:
            keyring.made_keys(session, settings)
        if args.action == "list":
            return _list(args, settings, store)
        with store.writing() as session:
            if args.action == "forget":
                count = keyring.forget(session)
                return said(args, {"forgotten": count}, f"{count} keys open no link any more.")
            keyring.rotate(session)
        used = "once VIGIE_SECRET_KEY is gone" if settings.secret_key else "from the next mail on"
        return said(args, {"rotated": True}, f"The new key signs links {used}; older links go on working.")
    finally:
        store.close()


def _list(args: argparse.Namespace, settings: Settings, store: Store) -> int:
    with store.reading() as session:
        uses = keyring.key_uses(session, settings)
    if args.json:
        print_json([asdict(use) for use in uses])
    else:
        for use in uses:
            print(f"{use.use:<10} {use.name}  {use.origin:<8}  {'makes' if use.newest else 'recognises'}")
    return 0
