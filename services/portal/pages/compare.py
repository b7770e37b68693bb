"""Two items beside each other: what stands in one alone, and what differs."""

from typing import Annotated

from fastapi import Query, Response
from sqlmodel import Session

from services.portal.site import ThePage
from shared.archive.found import FoundItem
from shared.archive.removal import refuse_removed
from shared.archive.search import item as find_item
from shared.errors import NotFound
from shared.manifest import Damaged
from shared.sources.names import source_names

TheItem = Annotated[str, Query(max_length=100)]


def show(page: ThePage, left: TheItem = "", right: TheItem = "") -> Response:
    """The comparison of two items. 404 where the archive lacks one; 503 where the encoder's files are damaged."""
    from shared.comparison.compared import compared, version_of  # and numpy, for who asks

    with page.site.store.reading() as session:
        items = _item(session, left), _item(session, right)
        names = source_names(session)
    try:
        found = compared(*map(version_of, items), page.site.encoder)
    except Damaged:
        found = None
    return page.render("compare.html", status=200 if found else 503, items=items, names=names, found=found)


def _item(session: Session, item_id: str) -> FoundItem:
    item = find_item(session, item_id)
    if item is None:
        refuse_removed(session, item_id)
        raise NotFound(f"no item {item_id!r}")
    return item
