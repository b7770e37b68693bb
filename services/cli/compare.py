"""Say what stands in one version of a text alone, and which numbers, dates and names differ.

A and B are item ids or addresses of publications in the archive, or files of plain text whose first line is the
title. They may be in different languages: sentences are put beside each other by meaning, numbers, dates and names
are compared exactly, whatever the language. How well that works: docs/comparing.md.

example: vigie compare https://example.org/de/1234 https://example.org/fr/1234
example: vigie compare release.de.txt communique.fr.txt --json
exit codes: 0 each says what the other does, 1 something differs, or there is no such item, 3 no database
"""

import argparse
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.cli.shown import print_json
from shared.config import Settings
from shared.errors import BadInput
from shared.wiring import ready_store

if TYPE_CHECKING:
    from shared.comparison.compare import Comparison, Side, Version


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("left", metavar="A", help="item id, address of a publication, or file")
    parser.add_argument("right", metavar="B", help="likewise")
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    from shared.comparison.compared import compared

    found = compared(_version(args.left, settings), _version(args.right, settings))
    if args.json:
        print_json(_machine(found))
    else:
        print(*_lines(found), sep="\n")
    return 0 if found.agree else 1


def _version(given: str, settings: Settings) -> "Version":
    """What is given: a file, else an item. Raises BadInput, Gone and NotFound."""
    if Path(given).is_file():
        return _from_file(Path(given))
    from shared.archive.named import item_named
    from shared.comparison.compared import version_of

    with closing(ready_store(settings)) as store, store.reading() as session:
        item = item_named(session, given, ", and there is no such file")
    return version_of(item)


def _from_file(path: Path) -> "Version":
    from shared.comparison.compare import Version
    from shared.text.language import identify

    try:
        content = path.read_text("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read as text: {error}") from error
    title, _, text = content.partition("\n")
    return Version(identify(content), title.strip(), text.strip())


def _machine(found: "Comparison") -> Mapping[str, Any]:
    return {
        "agree": found.agree,
        "left": _machine_side(found.left, found.only_left),
        "right": _machine_side(found.right, found.only_right),
        "differs": [
            {
                "kind": each.kind,
                "left": each.left,
                "right": each.right,
                "left_sentence": found.left.sentence(each.left_at),
                "right_sentence": found.right.sentence(each.right_at),
            }
            for each in found.differs
        ],
    }


def _machine_side(side: "Side", only: tuple[int, ...]) -> Mapping[str, Any]:
    return {
        "language": side.version.language,
        "title": side.version.title,
        "sentences": len(side.sentences),
        "cut": side.cut,
        "only": [side.sentences[number] for number in only],
    }


def _lines(found: "Comparison") -> Iterator[str]:
    for side in (found.left, found.right):
        cut = ", cut at its end" if side.cut else ""
        yield f"{side.version.language}  {side.version.title} ({len(side.sentences)} sentences{cut})"
    if found.agree:
        yield "Each says what the other does."
    for side, only in ((found.left, found.only_left), (found.right, found.only_right)):
        if only:
            yield f"Only in {side.version.language}:"
        yield from (f"  {side.sentences[number]}" for number in only)
    if found.differs:
        yield "Differs:"
    for each in found.differs:
        yield f"  {each.kind}: {each.left} | {each.right}"
        yield f"    {found.left.sentence(each.left_at)}"
        yield f"    {found.right.sentence(each.right_at)}"
