"""Search: the query grammar, filters as links, pages by key, and every export of the same hits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from hashlib import sha256
from typing import Annotated, Final, Literal

from fastapi import Depends, Query, Response
from fastapi.responses import StreamingResponse
from sqlmodel import Session

from services.portal.api.answers import has_it
from services.portal.choices import Choices, Kind
from services.portal.links import address
from services.portal.site import Page, ThePage
from shared.archive.about import About
from shared.archive.colophons import colophon
from shared.archive.export import FORMATS, export
from shared.archive.found import FoundItem
from shared.archive.removal import last_removal
from shared.archive.search import COUNT_CAP, every, newest_change, otherwise, search
from shared.errors import NotFound, QueryError
from shared.items import LANGUAGES
from shared.themes import themes

PER_PAGE: Final = 20
IN_A_FEED: Final = 100  # entries; readers of feeds come back, and keep what they saw
COUNTRIES: Final = ("DE", "FR", "EU")
TAKEN_AWAY: Final = {form: each.name for form, each in FORMATS.items() if not each.feed}
SIDECAR: Final = "about.json"
ALIASES: Final = {"bib": "bibtex", "feed.json": "jsonfeed"}

Order = Literal["newest", "oldest"]
Values = Annotated[Sequence[str], Query()]


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as a link: following it turns it on or off. `name` is its value, or what it is called."""

    name: str
    on: bool
    href: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What a query that finds nothing finds in the other spelling of `words`: the newest, and the way to all."""

    words: tuple[str, ...]
    items: tuple[FoundItem, ...]
    href: str


@dataclass(frozen=True, slots=True)
class Ways:
    """Where one can go from a page of hits."""

    next: str | None
    first: str | None
    orders: Mapping[Order, str]
    exports: Mapping[str, str]
    sidecar: str
    feed: str
    json_feed: str
    subscribe: str


def choices_of(
    q: str = "",
    theme: Values = (),
    in_: Annotated[Sequence[str], Query(alias="in")] = (),
    country: Values = (),
    bilateral: str = "",
    sovereign: str = "",
) -> Choices:
    """The choices in the address; a value that no filter has is passed over."""
    return Choices(
        q,
        tuple(value for value in themes() if value in theme),
        tuple(value for value in LANGUAGES if value in in_),
        tuple(value for value in COUNTRIES if value in country),
        bool(bilateral),
        bool(sovereign),
    )


TheChoices = Annotated[Choices, Depends(choices_of)]


def show(page: ThePage, choices: TheChoices, after: str = "", order: Order = "newest") -> Response:
    """Hits of one page. A query that cannot be understood is shown with the place, and finds nothing."""
    groups = filters(f"{page.base}/search", choices)
    try:
        query = choices.query()
        with page.site.store.reading() as session:
            found = search(session, query, limit=PER_PAGE, after=after or None, order=order)
            elsewhere = None if found.count else _elsewhere(session, page, query)
    except QueryError as error:
        return page.render("search.html", status=400, error=error, choices=choices, filters=groups)
    return page.render(
        "search.html",
        error=None,
        choices=choices,
        filters=groups,
        found=found,
        elsewhere=elsewhere,
        cap=COUNT_CAP,
        understood=query,
        order=order,
        ways=_ways(page, choices, query, order, found.next, after),
        form_names=TAKEN_AWAY,
    )


def download(page: ThePage, choices: TheChoices, form: str) -> Response:
    """All hits in one of the export formats, as a stream; a feed has the newest; a sidecar says what they are."""
    form = ALIASES.get(form, form)
    if form not in (*FORMATS, SIDECAR):
        raise NotFound(f"no export format {form!r}")
    about = _about(page, choices.query())
    if form == SIDECAR:
        with page.site.store.reading() as session:
            return Response(colophon(session, about).document(), media_type="application/json")
    format_ = FORMATS[form]
    headers = {"ETag": _tag(about, form), "Last-Modified": format_datetime(about.updated, usegmt=True)}
    if has_it(page.request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if not format_.feed:
        name = f"vigie-{page.now:%Y-%m-%d}.{format_.suffix}"
        sidecar = address(f"{page.base}/search.{SIDECAR}", choices.parameters())
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
        headers["Link"] = f'<{sidecar}>; rel="describedby"; type="application/json"'
    items = every(page.site.store, about.query, limit=IN_A_FEED if format_.feed else None)
    return StreamingResponse(export(form, items, about), media_type=format_.media_type, headers=headers)


def filters(path: str, choices: Choices) -> Mapping[str, tuple[Filter, ...]]:
    """Heading -> its filters."""

    def of(kind: Kind, value: str = "") -> Filter:
        href = address(path, choices.toggled(kind, value).parameters())
        return Filter(value or kind, choices.has(kind, value), href)

    return {
        "themes": tuple(of("themes", value) for value in themes()),
        "languages": tuple(of("languages", value) for value in LANGUAGES),
        "countries": tuple(of("countries", value) for value in COUNTRIES),
        "features": (of("franco_german"), of("sovereign")),
    }


def _elsewhere(session: Session, page: Page, query: str) -> Elsewhere | None:
    other = otherwise(session, query)
    if other is None:
        return None
    items = search(session, other.query, limit=PER_PAGE).items
    return Elsewhere(other.words, items, address(f"{page.base}/search", (("q", other.query),)))


def _ways(page: Page, choices: Choices, query: str, order: Order, next_: str | None, after: str) -> Ways:
    path = f"{page.base}/search"
    chosen = choices.parameters()
    ordered = (*chosen, ("order", order if order != "newest" else ""))
    return Ways(
        next=next_ and address(path, (*ordered, ("after", next_))),
        first=address(path, ordered) if after else None,
        orders={"newest": address(path, chosen), "oldest": address(path, (*chosen, ("order", "oldest")))},
        exports={form: address(f"{path}.{form}", chosen) for form in TAKEN_AWAY},
        sidecar=address(f"{path}.{SIDECAR}", chosen),
        feed=address(f"{path}.atom", chosen),
        json_feed=address(f"{path}.jsonfeed", chosen),
        subscribe=address(f"{page.base}/subscribe", (("q", query),)),
    )


def _about(page: Page, query: str) -> About:
    with page.site.store.reading() as session:
        changes = newest_change(session, query), last_removal(session)
    updated = max((moment for moment in changes if moment), default=page.now)
    url = page.request.url
    self_url = f"{page.portal_url}{url.path}{'?' + url.query if url.query else ''}"
    return About(query, updated, page.portal_url, self_url=self_url, language=page.language, at=page.now)


def _tag(about: About, form: str) -> str:
    named = f"{form} {about.language} {about.query} {about.updated.isoformat()}"
    return f'W/"{sha256(named.encode()).hexdigest()[:20]}"'
