"""`vigie items pack`: the texts of an archive on SQLite in half the room, or all as they were."""

import argparse
import sys

from tqdm import tqdm

from services.cli.shown import print_json
from shared.archive import packing
from shared.store import Store


def pack(store: Store, args: argparse.Namespace) -> int:
    """Pack all texts, or with --undo unpack them, with a bar on a terminal."""
    packs, done = not args.undo, 0
    if store.sqlite:
        with store.reading() as session:
            left = packing.left(session, packs=packs)
        done = _all(store, left, packs=packs)
    if args.json:
        print_json({"items": done, "packed": packs and store.sqlite})
    elif not store.sqlite:
        print("PostgreSQL packs long values by itself.")
    else:
        print(f"{done} items are {'packed' if packs else 'kept as they are'}; so is what comes.")
    return 0


def _all(store: Store, left: int, *, packs: bool) -> int:
    done, below, hidden = 0, None, not sys.stderr.isatty()
    with tqdm(desc="packing", total=left, unit="items", disable=hidden) as bar:
        while numbers := packing.step(store, below, packs=packs):
            done, below = done + len(numbers), numbers[-1]
            bar.update(len(numbers))
    first = True
    while packs and packing.put_together(store, first=first):
        first = False
    return done
