"""`vigie items retain`: what the operator's rules give up, counted, or done at once."""

import argparse
import sys
from collections.abc import Mapping, Sequence

from tqdm import tqdm

from services.cli.shown import print_json
from shared.archive.expiry import counts
from shared.keep_rules import ITEM, TEXT, Rule
from shared.store import Store

Counts = Mapping[str, Mapping[str, int]]


def retain(store: Store, rules: Sequence[Rule], args: argparse.Namespace) -> int:
    """Say what is over, and with --yes give it up."""
    if not rules and not args.json:
        print("VIGIE_KEEP_ITEMS has no rules: everything is kept.")
        return 0
    with store.reading() as session:
        found = counts(session, rules, store.now(session))
    do = args.yes and not args.dry_run
    if do:
        _give_up(store, rules, sum(map(_all, found.values())))
    if args.json:
        print_json({"items": found[ITEM], "texts": found[TEXT], "done": do})
    else:
        print(*_lines(found, do=do), sep="\n")
    if do or args.dry_run or not any(map(_all, found.values())):
        return 0
    print("Add --yes to do it; the archivist does it by itself within a day.", file=sys.stderr)
    return 1


def _all(by_source: Mapping[str, int]) -> int:
    return sum(by_source.values())


def _give_up(store: Store, rules: Sequence[Rule], found: int) -> None:
    from services.archivist.keeping import Keeping

    keeping = Keeping(store, rules)
    with tqdm(desc="given up", total=found, unit="items", disable=not sys.stderr.isatty()) as bar:
        while gone := keeping.step():
            bar.update(gone)


def _lines(found: Counts, *, do: bool) -> Sequence[str]:
    would = "are given up" if do else "would go"
    lines = []
    for what, named in ((ITEM, "items"), (TEXT, "texts of items")):
        lines.append(f"{_all(found[what])} {named} {would}.")
        lines += [f"  {source:26}  {count}" for source, count in found[what].items()]
    return lines
