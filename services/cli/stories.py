"""Show what tells one event and why, and put it right: a person's word stays, and mails nobody.

`show` prints a story's publications in order of arrival, with language and source, and what joined them. `split`
takes publications out of their story, together; `merge` makes the stories of two publications one; `never` keeps
two apart from now on, whatever comes. ITEM is an item id or the address of the publication.

example: vigie stories show 0a1b2c3d4e5f60718293a4b5c6d7e8f9
example: vigie stories split https://example.org/presse/1234 --note "another laboratory"
example: vigie stories merge https://example.org/presse/1234 https://example.com/actualites/77
example: vigie stories never https://example.org/presse/1234 https://example.com/actualites/78
exit codes: 0 done; 1 no such item or story, or nothing to split; 2 usage; 3 the database does not answer
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from services.cli.shown import day, moment
from shared.archive.evidence import Evidence, How
from shared.clock import rfc3339
from shared.config import Settings
from shared.errors import ConfigError
from shared.store import Store
from shared.wiring import ready_store

if TYPE_CHECKING:
    from sqlmodel import Session

    from shared.archive.found import FoundItem
    from shared.archive.story_events import Event
    from shared.archive.subjects import Related

_SAID = {
    How.EXACT: "the same release",
    How.MEANING: "the same event",
    How.PAIR: "the same event",
    How.MERGED: "a person made them one",
    How.SPLIT: "a person took it out",
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("show", "split", "merge", "never"))
    parser.add_argument("item", nargs="+", metavar="ITEM", help="item id or address; show: or a story's id")
    parser.add_argument("--note", default="", help="why; kept in the history")
    parser.add_argument("--json", action="store_true", help="show: machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    pairs = args.action in ("merge", "never")
    if pairs and len(args.item) != 2:
        raise ConfigError(f"`vigie stories {args.action}` takes two publications.")
    store = ready_store(settings)
    try:
        if args.action == "show":
            return _show(store, args.item, settings.calendar, machine=args.json)
        return _put_right(store, args)
    finally:
        store.close()


def explained(why: Evidence) -> str:
    """In a line: same event: title .81, text .77, both state 4, both name dfki."""
    cosines = (("title", why.title), ("text", why.text))
    said = [f"{name} {value:.2f}" for name, value in cosines if value is not None]
    said += [f"both state {figure:,.10g}" for figure in why.figures[:3]]
    said += [f"both name {name}" for name in why.names[:3]] + list(why.reasons)
    return f"{_SAID[why.how]}: {', '.join(said)}" if said else _SAID[why.how]


def _show(store: Store, named: Sequence[str], zone: tzinfo, *, machine: bool) -> int:
    from shared.archive.named import story_named
    from shared.archive.story_events import history
    from shared.archive.subjects import related

    with store.reading() as session:
        for each in named:
            found = story_named(session, _story(session, each))
            ids = [item.item_id for item in found]
            told, near = history(session, ids), related(session, ids, found[0].story)
            why = {one.story: _why(session, one) for one in near if one.named}
            if machine:
                subjects = [_of_subject(one, why.get(one.story)) for one in near]
                print(json.dumps({**_plain(found, told), "related": subjects}, ensure_ascii=False, indent=2))
            else:
                print("\n".join((*_lines(found, told, zone), *(_near(one, why.get(one.story)) for one in near))))
    return 0


def _why(session: "Session", near: "Related") -> Evidence:
    """What two that do not lie near have in common."""
    from shared.archive.search import found_ids, item
    from shared.comparison.pair import Nearness, judge, report
    from shared.items import body_of

    both = [item(session, each.item_id) for each in found_ids(session, (near.subject.item, near.subject.other))]
    one, other = (
        report(each.language, each.title, body_of(each.summary, each.text)) for each in both if each is not None
    )
    title, text = near.subject.title, near.subject.text
    said = judge(one, other, Nearness(title, text, max(title, text)))
    return Evidence(How.PAIR, title, text, said.names, (), said.reasons)


def _near(near: "Related", why: Evidence | None) -> str:
    said = explained(why).replace(_SAID[How.PAIR], "same subject", 1) if why else "same subject"
    return f"{said}: story {near.story}, {near.language}, {near.source}: {near.title}"


def _of_subject(near: "Related", why: Evidence | None) -> Mapping[str, Any]:
    said = {"story": near.story, "language": near.language, "source": near.source, "title": near.title}
    return {**said, "by_names": near.named, **({"why": why.plain()} if why else {})}


def _put_right(store: Store, args: argparse.Namespace) -> int:
    from shared.archive import story_corrections as said
    from shared.archive.locks import alone

    with store.writing() as session:
        alone(store, session)
        ids, now = [_id(session, each) for each in args.item], store.now(session)
        if args.action == "split":
            story = said.split(session, ids, now, note=args.note)
        elif args.action == "merge":
            story = said.merge(session, ids[0], ids[1], now, note=args.note)
        else:
            said.never(session, ids[0], ids[1], now, note=args.note)
            story = _story(session, ids[1])
    print(f"story {story}")
    return 0


def _id(session: "Session", named: str) -> str:
    from shared.archive.named import item_named

    return item_named(session, named).item_id


def _story(session: "Session", named: str) -> str:
    """The story of an item, or of this id."""
    from shared.archive.named import id_of
    from shared.archive.search import find

    found = find(session, named)
    return found.story if found is not None else id_of(named)


def _lines(found: "Sequence[FoundItem]", told: "Sequence[Event]", zone: tzinfo) -> Iterator[str]:
    languages = ", ".join(dict.fromkeys(item.language for item in found))
    many = "publication" if len(found) == 1 else "publications"
    yield f"story {found[0].story}: {len(found)} {many} in {languages}"
    for item in found:
        at = day(item.published_on) if item.published_on else moment(item.published or item.first_seen, zone)
        yield f"{item.item_id}  {item.language}  {item.source}  {at}"
        yield f"  {item.title}"
        for event in told:
            if event.item_id == item.item_id:
                note = f" ({event.note})" if event.note else ""
                yield f"  {moment(event.at, zone)} {explained(event.evidence)}; with {event.other_id}{note}"


def _plain(found: "Sequence[FoundItem]", told: "Sequence[Event]") -> Mapping[str, Any]:
    return {
        "story": found[0].story,
        "items": [
            {
                "id": item.item_id,
                "language": item.language,
                "source": item.source,
                "title": item.title,
                "url": item.url,
            }
            for item in found
        ],
        "history": [
            {
                "item": each.item_id,
                "with": each.other_id,
                "story": each.story,
                "how": each.evidence.how.value,
                **each.evidence.plain(),
                "note": each.note,
                "at": rfc3339(each.at),
            }
            for each in told
        ],
    }
