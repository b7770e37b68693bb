"""The item that somebody names by its id or its address, or why there is none."""

from sqlmodel import Session

from shared.archive.found import FoundItem
from shared.archive.removal import refuse_removed, refuse_removed_story
from shared.archive.search import find, story
from shared.errors import NotFound
from shared.identity import canonical_url, item_id_for_url


def item_named(session: Session, named: str, besides: str = "") -> FoundItem:
    """The item. Raises Gone where it was taken out, NotFound where there was none, nor what `besides` says."""
    found = find(session, named)
    if found is None:
        refuse_removed(session, id_of(named))
        raise NotFound(f"the archive has no item {named!r}{besides}. `vigie search` finds items and their ids.")
    return found


def story_named(session: Session, named: str) -> tuple[FoundItem, ...]:
    """The items of a story, in order of arrival. Raises Gone where they were taken out, NotFound for none."""
    found = story(session, named)
    if not found:
        refuse_removed_story(session, named)
        raise NotFound(f"the archive has no story {named!r}. `vigie search` finds items and their stories.")
    return found


def id_of(named: str) -> str:
    """The id that this is, or that an item has by this address."""
    return item_id_for_url(canonical_url(named)) if "://" in named else named
