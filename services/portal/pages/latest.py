"""The first page: what is new, then the newest of each theme."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from services.portal import languages
from services.portal.site import ThePage, site_of
from shared.archive.facets import By, facets
from shared.archive.found import FoundItem
from shared.archive.search import search
from shared.themes import themes

NEWEST: Final = 6
PER_THEME: Final = 4


@dataclass(frozen=True, slots=True)
class Board:
    """A theme with its newest stories. `count` is all of its items."""

    theme: str
    count: int
    items: tuple[FoundItem, ...]


def root(request: Request) -> Response:
    """The address without a language leads to the one that the browser prefers."""
    language = languages.preferred(request.headers.get("accept-language", ""))
    return RedirectResponse(site_of(request).at(f"/{language}/"), 307, {"Vary": "Accept-Language"})


def start(page: ThePage) -> Response:
    """The first page has one address; this one leads to it."""
    return RedirectResponse(f"{page.base}/", 308)


def show(page: ThePage) -> Response:
    """The look-out."""
    with page.site.store.reading() as session:
        newest = search(session, "", limit=NEWEST * 2).items
        counts = facets(session, "", (By.THEME,)).counts[By.THEME]
        # an item may still have a theme that the taxonomy has given up
        known = [theme for theme in themes() if theme in counts]
        found = {theme: search(session, f"theme:{theme}", limit=PER_THEME * 2).items for theme in known}
    return page.render("latest.html", newest=one_per_story(newest, NEWEST), boards=boards(counts, found))


def boards(counts: Mapping[str, int], found: Mapping[str, Iterable[FoundItem]]) -> tuple[Board, ...]:
    """The themes that have items, in the order of the taxonomy."""
    return tuple(
        Board(theme, counts[theme], one_per_story(found[theme], PER_THEME))
        for theme in themes()
        if counts.get(theme)
    )


def one_per_story(items: Iterable[FoundItem], most: int) -> tuple[FoundItem, ...]:
    """At most `most` items, the first of each story."""
    firsts: dict[str, FoundItem] = {}
    for item in items:
        firsts.setdefault(item.story, item)
    return tuple(firsts.values())[:most]
