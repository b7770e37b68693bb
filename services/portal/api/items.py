"""Items and stories as JSON."""

from typing import Annotated, Literal

from fastapi import Query, Request, Response

from services.portal.api import models
from services.portal.api.answers import answer
from services.portal.api.strict import BadParameter
from services.portal.links import address
from services.portal.site import TheSite
from shared.archive.collapse import one_per_story
from shared.archive.cursor import decode, encode
from shared.archive.relevance import by_relevance
from shared.archive.removal import refuse_removed, refuse_removed_story
from shared.archive.search import item as find_item
from shared.archive.search import otherwise, search
from shared.archive.search import story as find_story
from shared.errors import BadInput, NotFound
from shared.query.expansion import wider
from shared.query.impossible import contradiction
from shared.query.strict import parse_strictly
from shared.query.syntax import LONGEST, parse

TheQuery = Annotated[
    str,
    Query(
        max_length=LONGEST,
        description="a query of the search grammar; empty finds all",
        examples=["theme:energy lang:de after:2026-01-01"],
    ),
]
ThePlace = Annotated[str, Query(description="from `next` of the page before; opaque", max_length=200)]
TheSize = Annotated[int, Query(ge=1, le=200, description="items of a page")]
TheCollapse = Annotated[bool, Query(description="of the items that tell one event the first of the list only")]
TheOrder = Annotated[
    Literal["newest", "oldest", "relevant"],
    Query(
        description="by when it was published, else first seen; or the newest 10,000 by how much they say the "
        "words, above all in the title, the newer before the older"
    ),
]


def list_items(
    request: Request,
    site: TheSite,
    q: TheQuery = "",
    cursor: ThePlace = "",
    limit: TheSize = 50,
    order: TheOrder = "newest",
    collapse: TheCollapse = False,
) -> Response:
    """Items that the query finds. Pages stay put while new items arrive."""
    understood = wider(parse_strictly(q)).echo()
    place = _place(cursor)
    with site.store.reading() as session:
        if order == "relevant":
            now = site.clock.now()
            page = by_relevance(session, understood, now, limit=limit, after=place, collapse=collapse)
        else:
            page = search(session, understood, limit=limit, after=place, order=order, collapse=collapse)
        other = None if page.count else otherwise(session, q)
    ordered = order if order != "newest" else ""
    asked = (("q", q), ("order", ordered), ("limit", str(limit)), ("collapse", "true" if collapse else ""))
    next_ = page.next and address(site.at("/api/v1/items"), (*asked, ("cursor", page.next)))
    shown = one_per_story(page.items, page.told) if collapse else page.items
    items = tuple(map(models.item, shown))
    also = other.query if other else None
    never = contradiction(parse(understood).node)
    said = models.Items(
        query=understood,
        count=page.count,
        items=items,
        next=next_,
        other_spelling=also,
        never=never.echo() if never else None,
    )
    return answer(request, said, {"Link": f'<{next_}>; rel="next"'} if next_ else {})


def one_item(request: Request, site: TheSite, item_id: str) -> Response:
    """An item with the passages that carried its tags, its revisions and every source it was seen at."""
    with site.store.reading() as session:
        found = find_item(session, item_id)
        if found is None:
            refuse_removed(session, item_id)
            raise NotFound(f"no item {item_id!r}")
    return answer(request, models.item_in_full(found))


def one_story(request: Request, site: TheSite, story_id: str) -> Response:
    """The items about one event, the first one first."""
    with site.store.reading() as session:
        found = find_story(session, story_id)
        if not found:
            refuse_removed_story(session, story_id)
            raise NotFound(f"no story {story_id!r}")
    return answer(request, models.Story(story=found[0].story, items=tuple(map(models.item, found))))


def _place(cursor: str) -> str | None:
    try:
        return encode(decode(cursor)) if cursor else None
    except BadInput as error:
        raise BadParameter("cursor", "not a cursor of ours; begin at the first page") from error
