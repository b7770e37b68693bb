"""Stories in the store: candidates for grouping, merges. What belongs together is decided elsewhere.

A story carries the id of its first item. A merge writes an alias and changes no item. Call the writing functions
with `shared.archive.locks.in_turn`.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from shared.archive.rows import collected_of, number
from shared.archive.tables import ItemRow, StoryAliasRow, StoryKeyRow
from shared.items import CollectedItem
from shared.store.upsert import insert_all

LOCK: Final = "stories"
MOST: Final = 100  # candidates compared with one item; more share a key only where it says nothing
ROOT: Final = func.coalesce(col(StoryAliasRow.story), col(ItemRow.story))
_AT_ONCE: Final = 5_000  # keys of one query; databases limit their number


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that may tell the same as another; `number` is its `items.id`."""

    number: int
    item: CollectedItem
    language: str
    organisations: Sequence[str]


@dataclass(frozen=True, slots=True)
class Member:
    """An item of a story, as grouping must know it; `story` is the root."""

    number: int
    item_id: str
    source: str
    story: str


@dataclass(frozen=True, slots=True)
class Keys:
    """What an item is looked up by, and its place in time."""

    keys: Collection[int]
    at: datetime


def root_story(session: Session, story: str) -> str:
    """The story that `story` is part of: itself, unless a merge made it an alias."""
    leads_to = select(col(StoryAliasRow.story)).where(col(StoryAliasRow.alias) == story)
    return session.execute(leads_to).scalar_one_or_none() or story


def story_ids(session: Session, story: str) -> tuple[str, ...]:
    """Every id of the story that `story` is part of, the root first, then its aliases."""
    root = root_story(session, story)
    aliases = select(col(StoryAliasRow.alias)).where(col(StoryAliasRow.story) == root)
    return (root, *session.execute(aliases.order_by(col(StoryAliasRow.alias))).scalars())


def families(session: Session, stories: Collection[str]) -> Mapping[str, str]:
    """Every id of the merged ones among these stories -> its root; a story that was never merged is not there."""
    named = select(StoryAliasRow).where(
        col(StoryAliasRow.alias).in_(stories) | col(StoryAliasRow.story).in_(stories)
    )
    roots = {row.story for row in session.execute(named).scalars()}
    if not roots:
        return {}
    whole = select(StoryAliasRow).where(col(StoryAliasRow.story).in_(roots))
    aliases = {row.alias: row.story for row in session.execute(whole).scalars()}
    return aliases | {root: root for root in roots}


def items_of_story(session: Session, story: str) -> Sequence[str]:
    """The ids of the items of the story that `story` is part of, in order of arrival."""
    members = select(col(ItemRow.item_id)).where(col(ItemRow.story).in_(story_ids(session, story)))
    return list(session.execute(members.order_by(col(ItemRow.id))).scalars())


def meetings(
    session: Session, keys: Collection[int], *, since: datetime, until: datetime
) -> Mapping[int, Sequence[tuple[datetime, int]]]:
    """Key -> (`sort_at`, `items.id`) of the items between the two moments that have it."""
    found: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    wanted = sorted(keys)
    for start in range(0, len(wanted), _AT_ONCE):
        between = select(col(StoryKeyRow.key), col(StoryKeyRow.sort_at), col(StoryKeyRow.item)).where(
            col(StoryKeyRow.key).in_(wanted[start : start + _AT_ONCE]),
            col(StoryKeyRow.sort_at).between(since, until),
        )
        for key, sort_at, item in session.execute(between):
            found[key].append((sort_at, item))
    return found


def meetings_of(session: Session, items: Collection[int]) -> Mapping[int, Sequence[tuple[datetime, int]]]:
    """Key -> (`sort_at`, `items.id`) of those of these items (`items.id`) that have it."""
    found: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for key, sort_at, item in session.execute(
        select(col(StoryKeyRow.key), col(StoryKeyRow.sort_at), col(StoryKeyRow.item)).where(
            col(StoryKeyRow.item).in_(items)
        )
    ):
        found[key].append((sort_at, item))
    return found


def candidates(session: Session, items: Collection[int]) -> Sequence[Candidate]:
    """These items (`items.id`), the newest first; `MOST` at most."""
    if not items:
        return ()
    found = select(ItemRow).where(col(ItemRow.id).in_(sorted(items, reverse=True)[:MOST]))
    rows = session.execute(found.order_by(col(ItemRow.id).desc())).scalars()
    return [Candidate(number(row), collected_of(row), row.language, tuple(row.organisations)) for row in rows]


def members(session: Session, items: Collection[int]) -> Sequence[Member]:
    """Every item of the stories that these items (`items.id`) are in, in order of arrival."""
    if not items:
        return ()
    alias = aliased(StoryAliasRow)
    with_aliases = (
        select(ROOT, col(alias.alias))
        .select_from(ItemRow)
        .outerjoin(StoryAliasRow, col(StoryAliasRow.alias) == col(ItemRow.story))
        .outerjoin(alias, col(alias.story) == ROOT)
        .where(col(ItemRow.id).in_(items))
    )
    names = {name for row in session.execute(with_aliases) for name in row if name is not None}
    found = (
        select(col(ItemRow.id), col(ItemRow.item_id), col(ItemRow.source), ROOT)
        .outerjoin(StoryAliasRow, col(StoryAliasRow.alias) == col(ItemRow.story))
        .where(col(ItemRow.story).in_(names))
        .order_by(col(ItemRow.id))
    )
    return [Member(*row) for row in session.execute(found)]


def remember_keys(session: Session, keys: Mapping[int, Keys], replaced: Collection[int]) -> None:
    """Keys of items (`items.id` -> keys); of those `replaced`, in place of the ones that they had."""
    if replaced:
        session.execute(delete(StoryKeyRow).where(col(StoryKeyRow.item).in_(replaced)))
    rows = [
        {"key": key, "sort_at": of_item.at, "item": item} for item, of_item in keys.items() for key in of_item.keys
    ]
    insert_all(session, StoryKeyRow, sorted(rows, key=itemgetter("key")))  # in the order of their table


def merge(session: Session, stories: Collection[str], now: datetime) -> str:
    """Root stories become one, the oldest of them; the others become its aliases. Returns the oldest."""
    by_age = select(col(ItemRow.item_id)).where(col(ItemRow.item_id).in_(stories)).order_by(col(ItemRow.id))
    found = list(map(str, session.execute(by_age).scalars()))
    # the first item of a story may have been taken out for good: the story keeps its id
    oldest, *younger = sorted(set(stories) - set(found)) + found
    for story in younger:
        earlier = update(StoryAliasRow).where(col(StoryAliasRow.story) == story)
        session.execute(earlier.values(story=oldest))  # one step leads to the root, always
        session.execute(insert(StoryAliasRow).values(alias=story, story=oldest, merged_at=now))
    return oldest
