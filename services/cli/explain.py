"""Say what the archive knows of an item, why it has its tags, and with --for why it reached a person or did not.

ITEM is an item id or the address of the publication; PERSON is a subscriber's mail address.

example: vigie explain https://example.org/presse/1234
example: vigie explain 0a1b2c3d4e5f60718293a4b5c6d7e8f9 --for reader@example.org --json
exit codes: 0 done, 1 no such item or person, 3 no database
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any

from services.cli.shown import day, moment
from shared.archive.found import FoundItem, near_misses
from shared.clock import rfc3339
from shared.config import Settings
from shared.items import Announcement
from shared.subscriptions.explain import Explanation, Obstacle
from shared.wiring import ready_store


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("item", help="item id, or address of the publication")
    parser.add_argument("--for", dest="person", metavar="PERSON", help="mail address of a subscriber")
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    from shared.archive.named import item_named
    from shared.subscriptions.explain import explain

    store = ready_store(settings)
    try:
        with store.reading() as session:
            item = item_named(session, args.item)
            reached = explain(session, item.item_id, args.person) if args.person else None
    finally:
        store.close()
    if args.json:
        print(json.dumps(_machine(item, reached), ensure_ascii=False, indent=2))
    else:
        for line in _lines(item, reached, settings.calendar):
            print(line)
    return 0


def _machine(item: FoundItem, reached: Explanation | None) -> Mapping[str, Any]:
    from shared.archive.export import record

    return {
        **record(item),
        "sources": list(item.sources),
        "revisions": [
            {
                "revision": each.revision,
                "title": each.title,
                "fetched_at": rfc3339(each.fetched_at),
                "seen_at": rfc3339(each.seen_at),
            }
            for each in item.revisions
        ],
        "sightings": [
            {"source": each.source, "url": each.url, "first_at": rfc3339(each.first_at)} for each in item.sightings
        ],
        "text_from": item.text_from or None,
        "text_missing": item.text_missing or None,
        "reasons": [reason.model_dump() for reason in item.reasons],
        "near_misses": dict(near_misses(item)),
        "announced": [each.model_dump(mode="json") for each in item.announced],
        "reached": _machine_reached(reached) if reached else None,
    }


def _machine_reached(reached: Explanation) -> Mapping[str, Any]:
    return {
        "bulk": reached.bulk,
        "evaluated_at": rfc3339(reached.evaluated_at),
        "matched_at": rfc3339(reached.matched_at),
        "by_item": reached.by_item,
        "every": reached.every,
        "delivery": reached.delivery,
        "state": reached.state,
        "sent_at": rfc3339(reached.sent_at),
        "subscriptions": [
            {
                "id": voice.subscription.id,
                "query": voice.subscription.query,
                "every": voice.subscription.every,
                "obstacle": voice.obstacle or None,
                "findings": [
                    {"part": each.part, "holds": each.holds, "denied": each.denied} for each in voice.findings
                ],
            }
            for voice in reached.voices
        ],
    }


def _lines(item: FoundItem, reached: Explanation | None, zone: tzinfo) -> Iterator[str]:
    yield from _of_item(item, zone)
    if reached is not None:
        yield from _of_person(reached, zone)


def _of_item(item: FoundItem, zone: tzinfo) -> Iterator[str]:
    yield item.title
    yield f"  {item.url or 'no link'}"
    yield f"  item {item.item_id}, revision {item.revision}, story {item.story}"
    published = day(item.published_on) if item.published_on else moment(item.published, zone, "without a date")
    yield f"  published {published}, first seen {moment(item.first_seen, zone)}"
    yield f"  sources: {', '.join(item.sources)}"
    if item.text_from or item.text_missing:
        yield f"  text from its {item.text_from}" if item.text_from else f"  no full text: {item.text_missing}"
    if len(item.revisions) > 1:
        yield from (
            f"  revision {each.revision}, {moment(each.seen_at, zone)}: {each.title}" for each in item.revisions
        )
    yield f"Tags, assigned by the model {item.model}:"
    yield f"  language {item.language}"
    yield from _tags(item)
    for theme, score in near_misses(item):
        yield f"  not {theme}: {score:.2f}, too little to count"
    for each in item.announced:
        told = day(each.day, "no day told")
        is_call = each.kind is Announcement.CALL
        yield f"  announces a call, deadline {told}" if is_call else f"  announces an event, {told}"
        if each.passage:
            yield f"    “{each.passage}”"
    if item.organisations:
        yield f"  names {', '.join(item.organisations)}"


def _tags(item: FoundItem) -> Iterator[str]:
    labels = {theme: f"{item.scores.get(theme, 1.0):.2f}" for theme in item.themes}
    labels["sovereignty"] = f"{item.sovereignty:.2f}"
    labels["franco_german"] = "yes" if item.franco_german else "no"
    for label, value in labels.items():
        yield f"  {label} {value}"
        ordered = sorted((r for r in item.reasons if r.label == label), key=lambda r: -r.weight)
        yield from (f"    {reason.weight:.2f}  “{reason.passage}”" for reason in ordered)


def _of_person(reached: Explanation, zone: tzinfo) -> Iterator[str]:
    yield f"Person {reached.person}:"
    if reached.bulk:
        yield "  the item entered in bulk: it is mailed to nobody unless an operator releases it"
    yield f"  matched against subscriptions: {moment(reached.evaluated_at, zone, 'not yet')}"
    for voice in reached.voices:
        wish = voice.subscription
        found = voice.obstacle if voice.obstacle is not Obstacle.NONE else "finds the item"
        yield f"  “{wish.query or 'everything'}”, {wish.every}: {found}"
        yield from (
            f"    {'yes' if each.holds else 'no '}  {'not ' if each.denied else ''}{each.part}"
            for each in voice.findings
        )
    yield f"  {_outcome(reached, zone)}"


def _outcome(reached: Explanation, zone: tzinfo) -> str:
    if reached.matched_at is None:
        return "No match, so no mail."
    through = (
        f" through the item {reached.by_item} of the same story" if reached.by_item != reached.item_id else ""
    )
    matched = f"Matched {moment(reached.matched_at, zone)}{through}, {reached.every}"
    if reached.delivery is None:
        return f"{matched}; its mail is still to come."
    sent = f" at {moment(reached.sent_at, zone)}" if reached.sent_at else ""
    lost = all(voice.obstacle is Obstacle.QUERY for voice in reached.voices)
    left_out = " If no query found the item any more when it went, it was left out." if lost else ""
    return f"{matched}; mail {reached.delivery}: {reached.state}{sent}.{left_out}"
