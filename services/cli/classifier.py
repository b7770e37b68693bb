"""Measure the classifier, correct what it says, and give the corrections out as labelled items.

`evaluate` tags the labelled items of a file with the model of VIGIE_MODEL and prints how well it did, with 95 %
intervals over publications; with --against it does so with a second model and prints what changed. A line holds
"id", "lang", "title", "text", "themes" and perhaps "group", "sovereignty", "franco_german", "organisations", "ai".
What `corrections` prints is such a file: only the labels that a person set count ("judged"), all of them where
they said that they had `--checked` the item. As people correct what is wrong, its figures tell which errors are
gone, not how often the model errs; for that, check items at random. ITEM is an item id or an address.

example: vigie classifier evaluate labelled.jsonl
example: VIGIE_MODEL=./model vigie classifier evaluate labelled.jsonl --against lexicon --json
example: vigie classifier correct https://example.org/presse/1234 --theme energy=no --theme health=yes
example: vigie classifier correct 0a1b2c3d4e5f60718293a4b5c6d7e8f9 --sovereignty 0.5 --checked
example: vigie classifier corrections --since 30d > corrections.jsonl
exit codes: 0 done; 1 no such item, or some lines could not be read (the figures are of the others); 2 wrong usage,
or no such model; 3 no database
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from shared.clock import rfc3339
from shared.config import Settings
from shared.errors import ConfigError
from shared.items import Verdict
from shared.store import Store
from shared.wiring import ready_store

_EXAMPLES: Final = (
    "example: vigie classifier evaluate labelled.jsonl --against lexicon",
    "example: vigie classifier corrections --since 30d > corrections.jsonl",
    "example: vigie classifier correct ITEM --theme energy=no --sovereignty 0.5",
)


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="evaluate|corrections|correct")
    evaluate = actions.add_parser("evaluate", help="print how well a model tags", epilog=_EXAMPLES[0])
    evaluate.add_argument("file", type=Path, metavar="FILE.jsonl")
    evaluate.add_argument(
        "--against", metavar="MODEL", help="another model, as VIGIE_MODEL names one; without options"
    )
    evaluate.add_argument("--json", action="store_true", help="machine output")
    corrections = actions.add_parser("corrections", help="print corrections as JSONL", epilog=_EXAMPLES[1])
    corrections.add_argument("--since", metavar="T", help="2026-03-02, 2026-03-02T09:00:00Z, 12h or 3d")
    correct = actions.add_parser("correct", help="set labels of an item; nobody gets a mail", epilog=_EXAMPLES[2])
    _configure_correct(correct)


def _configure_correct(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("item", metavar="ITEM", help="item id, or address of the publication")
    parser.add_argument("--theme", action="append", default=[], type=_theme, metavar="THEME=yes|no")
    parser.add_argument("--sovereignty", type=_degree, metavar="0..1")
    parser.add_argument("--franco-german", type=_yes_or_no, metavar="yes|no")
    parser.add_argument("--checked", action="store_true", help="you read every label: the others are right")
    parser.add_argument("--note", default="", help="why; kept here, never exported")
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    if args.action == "evaluate":
        from services.cli.evaluating import evaluate

        return evaluate(args.file, args.against, settings, machine=args.json)
    store = ready_store(settings)
    try:
        if args.action == "corrections":
            _export(store, args.since)
        else:
            _tell(args, _correct(store, args))
    finally:
        store.close()
    return 0


def _export(store: Store, since: str | None) -> None:
    for line in _labelled_lines(store, _moment(since)):
        print(json.dumps(line, ensure_ascii=False))


def _moment(since: str | None) -> datetime | None:
    from services.cli.replay import moment
    from shared.clock import SystemClock

    try:
        return None if since is None else moment(since, SystemClock().now())
    except ValueError as error:
        raise ConfigError(
            f"--since {since!r} is no time. Write 2026-03-02T09:00:00Z, or an age as in 12h."
        ) from error


def _labelled_lines(store: Store, since: datetime | None) -> Iterator[Mapping[str, Any]]:
    """What `evaluate` reads. No note and no author: nobody's name but those that the publication itself prints."""
    from shared.archive.corrections import corrected_items

    after = ""
    while True:
        with store.reading() as session:
            page = corrected_items(session, since=since, after=after)
        if not page:
            return
        for each in page:
            item, verdict = each.item, each.item.verdict
            yield {
                "id": item.item_id,
                "group": item.story,
                "lang": verdict.language,
                "title": item.title,
                "text": item.body(),
                "themes": list(verdict.themes),
                "sovereignty": verdict.sovereignty,
                "franco_german": verdict.franco_german,
                "judged": sorted(each.said),
                "model": verdict.model,
                "url": item.url,
                "corrected_at": rfc3339(each.at),
            }
        after = page[-1].item.item_id


def _correct(store: Store, args: argparse.Namespace) -> Verdict:
    from shared.archive.corrections import correct
    from shared.archive.locks import alone
    from shared.archive.named import item_named

    said = dict(args.theme)
    if args.sovereignty is not None:
        said["sovereignty"] = args.sovereignty
    if args.franco_german is not None:
        said["franco_german"] = args.franco_german
    if not said and not args.checked:
        raise ConfigError("say what is right: --theme, --sovereignty, --franco-german, or --checked if all is.")
    with store.writing() as session:
        alone(store, session)
        item = item_named(session, args.item)
        return correct(session, item.item_id, said, store.now(session), note=args.note, checked=args.checked)


def _tell(args: argparse.Namespace, verdict: Verdict) -> None:
    counts = verdict.model_dump(mode="json", include={"themes", "sovereignty", "franco_german", "model"})
    if args.json:
        print(json.dumps(counts, ensure_ascii=False))
        return
    print(f"themes         {', '.join(verdict.themes) or 'none'}")
    print(f"sovereignty    {verdict.sovereignty:.2f}")
    print(f"franco-german  {'yes' if verdict.franco_german else 'no'}")


def _theme(text: str) -> tuple[str, float]:
    from shared.themes import themes

    theme, _, word = text.partition("=")
    if theme not in themes():
        raise argparse.ArgumentTypeError(f"{theme!r} is no theme; known are {', '.join(themes())}")
    return theme, _yes_or_no(word)


def _yes_or_no(word: str) -> float:
    if word not in ("yes", "no"):
        raise argparse.ArgumentTypeError(f"{word!r} is neither yes nor no")
    return float(word == "yes")


def _degree(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 1")
    return value
