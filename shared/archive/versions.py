"""The versions of stories: each publication of an event with its language and source, in order of arrival."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlmodel import Session, col

from shared.archive.stories import ROOT, families
from shared.archive.tables import ItemRow, StoryAliasRow
from shared.items import LANGUAGES

MOST: Final = 50  # of one story


@dataclass(frozen=True, slots=True)
class Version:
    """A publication of an event, as a line of a mail names it."""

    item_id: str
    title: str
    url: str | None
    source: str
    language: str


def versions(session: Session, stories: Collection[str]) -> Mapping[str, Sequence[Version]]:
    """Root of a story -> its versions, for those of these roots that have several."""
    if not stories:
        return {}
    names = {*stories, *families(session, stories)}
    found = (
        select(ROOT, col(ItemRow.item_id), col(ItemRow.title), col(ItemRow.url))
        .add_columns(col(ItemRow.source_name), col(ItemRow.source), col(ItemRow.language))
        .select_from(ItemRow)
        .outerjoin(StoryAliasRow, col(StoryAliasRow.alias) == col(ItemRow.story))
        .where(col(ItemRow.story).in_(names))
        .order_by(col(ItemRow.id))
    )
    told: dict[str, list[Version]] = defaultdict(list)
    for root, item_id, title, url, name, source, language in session.execute(found):
        told[root].append(Version(item_id, title, url, name or source, language))
    return {root: each[:MOST] for root, each in told.items() if len(each) > 1}


def told_in(versions: Sequence[Version], language: str, shown: str) -> str:
    """The item that a reader of `language` is shown: `shown`, unless the story has one in the language."""
    if any(each.item_id == shown and each.language == language for each in versions):
        return shown
    return next((each.item_id for each in versions if each.language == language), shown)


def besides(versions: Sequence[Version], shown: str) -> Sequence[Version]:
    """The counterparts of the item that is shown: the first version in each of the other languages."""
    spoken = {each.language for each in versions if each.item_id == shown}
    found = []
    for each in versions:
        if each.language in LANGUAGES and each.language not in spoken:
            spoken.add(each.language)
            found.append(each)
    return found
