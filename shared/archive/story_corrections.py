"""A person puts stories right: takes items out of one, makes two one, or says that two never are.

The word is kept and stronger than every machine's. Call it `shared.archive.locks.alone`. Everything
raises NotFound for an item that the archive does not have.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from shared.archive import stories, story_events, story_words
from shared.archive.evidence import Evidence, How
from shared.archive.stories import Member
from shared.archive.story_events import Event
from shared.archive.tables import ItemRow, StoryAliasRow
from shared.errors import BadInput, NotFound
from shared.store.upsert import insert_all


def split(session: Session, items: Collection[str], now: datetime, *, note: str = "") -> str:
    """These items leave the story that they are in and are one of their own, whose id is returned.

    Raises BadInput where they are of several stories, or nothing would be left.
    """
    members = _story_of(session, sorted(items))
    out = [each for each in members if each.item_id in items]
    rest = [each for each in members if each.item_id not in items]
    if len(out) < len(set(items)):
        raise BadInput("these items are not of one story")
    if not rest:
        raise BadInput(f"{out[0].item_id!r}: nothing else is in the story")
    leaves, stays = out[0].item_id, rest[0].item_id if _was_first(members[0], out) else members[0].story
    _rename(session, members[0].story, [(out, leaves), (rest, stays)], now)
    story_words.say(session, [e.item_id for e in out], [e.item_id for e in rest], now, together=False, note=note)
    why = Evidence(How.SPLIT)
    story_events.record(session, [Event(e.item_id, rest[0].item_id, leaves, why, now, note) for e in out])
    return leaves


def merge(session: Session, one: str, other: str, now: datetime, *, note: str = "") -> str:
    """The stories of the two items are one from now on, whose id is returned. It takes back who said never."""
    mine, theirs = _story_of(session, [one]), _story_of(session, [other])
    story_words.say(session, [one], [other], now, together=True, note=note)
    if mine[0].story == theirs[0].story:
        return mine[0].story
    for a, b in story_words.apart(session, [e.item_id for e in mine]):
        if {a, b} & {e.item_id for e in theirs}:
            story_words.say(session, [a], [b], now, together=True, note=note)
    root = stories.merge(session, [mine[0].story, theirs[0].story], now)
    story_events.record(session, [Event(other, one, root, Evidence(How.MERGED), now, note)])
    return root


def never(session: Session, one: str, other: str, now: datetime, *, note: str = "") -> None:
    """The two never tell the same event; `other` leaves the story if they are in one."""
    mine, theirs = _story_of(session, [one]), _story_of(session, [other])
    if mine[0].story == theirs[0].story:
        split(session, [other], now, note=note)
    story_words.say(session, [one], [other], now, together=False, note=note)


def _story_of(session: Session, items: Sequence[str]) -> Sequence[Member]:
    """The items of the story that the first of these is in, in order of arrival."""
    found = dict(
        session.execute(select(col(ItemRow.item_id), col(ItemRow.id)).where(col(ItemRow.item_id).in_(items))).all()
    )
    for item in items:
        if item not in found:
            raise NotFound(f"the archive has no item {item!r}. `vigie search` finds items and their ids.")
    return stories.members(session, [found[items[0]]])


def _was_first(first: Member, out: Sequence[Member]) -> bool:
    """Whether the story is called after an item that leaves; a first item may have been taken out for good."""
    return first.story in {each.item_id for each in out}


def _rename(session: Session, root: str, parts: Sequence[tuple[Sequence[Member], str]], now: datetime) -> None:
    """Let each part of a story be one of its own; names that led to the story lead to the last part."""
    names = set(stories.story_ids(session, root)) - {name for _, name in parts}
    session.execute(delete(StoryAliasRow).where(col(StoryAliasRow.story) == root))
    for members, name in parts:
        numbers = [each.number for each in members]
        session.execute(update(ItemRow).where(col(ItemRow.id).in_(numbers)).values(story=name))
    stays = parts[-1][1]
    moved = [{"alias": name, "story": stays, "merged_at": now} for name in sorted(names - {stays})]
    insert_all(session, StoryAliasRow, moved)
