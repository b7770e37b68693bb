"""Stories in the store: candidates for grouping, assignment, merges. What belongs together is decided elsewhere.

A story carries the id of its first item. A merge writes an alias and changes no item. Call the writing functions
under `store.serialise(session, "stories")`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, insert, select, update
from sqlmodel import Session, col

from shared.archive.rows import collected_of
from shared.archive.tables import ItemRow, StoryAliasRow, StoryKeyRow
from shared.items import CollectedItem

LOCK: Final = "stories"
_MOST: Final = 100  # candidates compared with one item; more share a key only where it says nothing


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that shares a key with another, near it in time. `story` is the root."""

    story: str
    item: CollectedItem


def root_story(session: Session, story: str) -> str:
    """The story that `story` is part of: itself, unless a merge made it an alias."""
    leads_to = select(col(StoryAliasRow.story)).where(col(StoryAliasRow.alias) == story)
    return session.execute(leads_to).scalar_one_or_none() or story


def story_ids(session: Session, story: str) -> tuple[str, ...]:
    """Every id of the story that `story` is part of, the root first, then its aliases."""
    root = root_story(session, story)
    aliases = select(col(StoryAliasRow.alias)).where(col(StoryAliasRow.story) == root)
    return (root, *session.execute(aliases.order_by(col(StoryAliasRow.alias))).scalars())


def candidates(
    session: Session, keys: Collection[int], *, at: datetime, within: timedelta, besides: int
) -> Sequence[Candidate]:
    """Items with one of the keys whose `sort_at` is at most `within` from `at`, newest first."""
    if not keys:
        return ()
    near = (
        select(col(StoryKeyRow.item))
        .where(
            col(StoryKeyRow.key).in_(keys),
            col(StoryKeyRow.sort_at).between(at - within, at + within),
            col(StoryKeyRow.item) != besides,
        )
        .distinct()
    )
    root = func.coalesce(col(StoryAliasRow.story), col(ItemRow.story))
    found = (
        select(ItemRow, root)
        .outerjoin(StoryAliasRow, col(StoryAliasRow.alias) == col(ItemRow.story))
        .where(col(ItemRow.id).in_(near))
        .order_by(col(ItemRow.id).desc())
        .limit(_MOST)
    )
    return [Candidate(story, collected_of(row)) for row, story in session.execute(found)]


def remember_keys(session: Session, item: int, keys: Collection[int], at: datetime) -> None:
    """The item's keys, in place of those it had."""
    session.execute(delete(StoryKeyRow).where(col(StoryKeyRow.item) == item))
    if keys:
        session.execute(insert(StoryKeyRow), [{"key": k, "sort_at": at, "item": item} for k in sorted(keys)])


def assign(session: Session, item_id: str, story: str) -> None:
    """An item that nobody has seen in the archive yet begins its life in `story`."""
    session.execute(update(ItemRow).where(col(ItemRow.item_id) == item_id).values(story=story))


def merge(session: Session, stories: Collection[str], now: datetime) -> str:
    """Root stories become one, the oldest of them; the others become its aliases. Returns the oldest."""
    by_age = select(col(ItemRow.item_id)).where(col(ItemRow.item_id).in_(stories)).order_by(col(ItemRow.id))
    oldest, *younger = map(str, session.execute(by_age).scalars())
    for story in younger:
        earlier = update(StoryAliasRow).where(col(StoryAliasRow.story) == story)
        session.execute(earlier.values(story=oldest))  # one step leads to the root, always
        session.execute(insert(StoryAliasRow).values(alias=story, story=oldest, merged_at=now))
    return oldest
