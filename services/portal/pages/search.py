"""Search: the query grammar, filters with counts, marked hits, pages by key, and every export of the same hits."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import format_datetime
from hashlib import sha256
from typing import Annotated, Final, Literal

from fastapi import Depends, Query, Response
from fastapi.responses import StreamingResponse
from sqlmodel import Session

from services.portal.api.answers import has_it
from services.portal.api.strict import BadParameter, only_these
from services.portal.choices import FLAGS, NAMES, Choices
from services.portal.links import Parameters, address
from services.portal.narrowing import MOST, Group, groups, is_long
from services.portal.passages import Piece, around, in_pieces
from services.portal.site import Page, ThePage
from shared.archive.about import About
from shared.archive.bodies import name_of
from shared.archive.changes import newest_change
from shared.archive.collapse import one_per_story
from shared.archive.colophons import colophon
from shared.archive.excerpts import Words, words_of
from shared.archive.export import FORMATS, export
from shared.archive.found import FoundItem
from shared.archive.found import Page as Found
from shared.archive.places_found import COUNT_CAP
from shared.archive.relevance import by_relevance, has_words
from shared.archive.removal import last_removal
from shared.archive.search import every, otherwise, search
from shared.archive.tallies import BANDS
from shared.errors import NotFound, QueryError
from shared.items import LANGUAGES, OTHER
from shared.query.fields import EXPAND
from shared.query.hits import spans, wanted_texts
from shared.query.impossible import contradiction
from shared.query.syntax import parse
from shared.query.told import told_text
from shared.query.tree import Text
from shared.sources.names import source_names
from shared.text.fold import name_key
from shared.themes import themes

PER_PAGE: Final = 20
IN_A_FEED: Final = 100  # entries; readers of feeds come back, and keep what they saw
TAKEN_AWAY: Final = {form: each.name for form, each in FORMATS.items() if not each.feed}
SIDECAR: Final = "about.json"
ALIASES: Final = {"bib": "bibtex", "feed.json": "jsonfeed"}

_COUNTRY: Final = re.compile(r"[A-Z]{2,3}")
_SOURCE: Final = re.compile(r"[\w.-]{1,80}")
_NAME: Final = re.compile(r"[\w .,&'’/+-]{1,120}")
_MONTH: Final = re.compile(r"[12]\d{3}-(?:0[1-9]|1[0-2])")

Order = Literal["relevant", "newest", "oldest"]
Values = Annotated[Sequence[str], Query()]


@dataclass(frozen=True, slots=True)
class Hit:
    """An item with its words in pieces, marked where the query was found."""

    item: FoundItem
    title: tuple[Piece, ...]
    words: tuple[Piece, ...]
    more: int = 0  # hits of this page that tell the same event, and are not shown


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What a query that finds nothing finds in the other spelling of `words`: the newest, and the way to all."""

    words: tuple[str, ...]
    items: tuple[FoundItem, ...]
    href: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown, and in which order; a query of words is ranked unless somebody wants it otherwise."""

    query: str
    order: Order
    words: bool
    each: bool = False  # every publication, not one for each event

    @property
    def usual(self) -> Order:
        return "relevant" if self.words else "newest"


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
    calendar: str
    subscribe: str
    trends: str
    switch: str  # between every publication and one for each event


def choices_of(
    q: str = "",
    theme: Values = (),
    in_: Annotated[Sequence[str], Query(alias="in")] = (),
    country: Values = (),
    source: Values = (),
    org: Values = (),
    band: Values = (),
    month: Values = (),
    bilateral: str = "",
    sovereign: str = "",
) -> Choices:
    """The choices in the address. Raises BadParameter for a value that no filter has: without it, all is found."""
    return Choices(
        q,
        _among(tuple(themes()), "theme", theme),
        _among((*LANGUAGES, OTHER), "in", in_),
        _fitting(_COUNTRY, "country", country),
        bool(bilateral),
        bool(sovereign),
        _fitting(_SOURCE, "source", source),
        _fitting(_NAME, "org", map(name_key, org)),
        _among(tuple(map(str, BANDS)), "band", band),
        _fitting(_MONTH, "month", month),
    )


def _among(known: Sequence[str], name: str, values: Iterable[str]) -> tuple[str, ...]:
    asked = set(values) - {""}
    if strange := asked.difference(known):
        raise BadParameter(name, f"{name} has no value {min(strange)!r}: there are {', '.join(known)}.")
    return tuple(value for value in known if value in asked)


def _fitting(form: re.Pattern[str], name: str, values: Iterable[str]) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(value for value in values if value))
    if strange := [value for value in asked if not form.fullmatch(value)]:
        raise BadParameter(name, f"{name} has no value {strange[0]!r}.")
    return asked[:MOST]


def only_choices(page: Page, *others: str) -> None:
    """Raises BadParameter for what no search has: of a feed or a file nobody sees that it was passed over."""
    choices = *NAMES.values(), *FLAGS.values()
    only_these(page.request, ("q", *choices, *others), often=choices)


TheChoices = Annotated[Choices, Depends(choices_of)]


def show(
    page: ThePage, choices: TheChoices, after: str = "", order: Order | None = None, each: str = ""
) -> Response:
    """Hits of one page. A query that cannot be understood is shown with the place, and finds nothing."""
    path = f"{page.base}/search"
    try:
        plain, query, words = choices.query(), choices.asked(), has_words(choices.q)
        order = order or ("relevant" if words else "newest")
        with page.site.store.reading() as session:
            found = _found(session, page, query, order, after, collapse=not each)
            hits = _hits(session, query, found.items if each else tuple(one_per_story(found.items, found.told)))
            narrowing = groups(path, choices, session)
            elsewhere = None if found.count else _elsewhere(session, page, plain)
            names = names_of(session, narrowing)
    except QueryError as error:
        return _not_understood(page, choices, error)
    return page.render(
        "search.html",
        error=None,
        choices=choices,
        filters=narrowing,
        long=is_long(choices),
        names=names,
        found=found,
        hits=_folded(hits, found.items),
        each=bool(each),
        elsewhere=elsewhere,
        cap=COUNT_CAP,
        understood=query,
        told=told_text(plain, page.language, names=names) if plain else "",
        narrow=None if query == plain else _narrow(page, choices),
        passed=parse(choices.q).passed,
        never=contradiction(parse(query).node),
        order=order,
        ways=_ways(page, choices, Shown(plain, order, words, bool(each)), found.next, after),
        form_names=TAKEN_AWAY,
    )


def _not_understood(page: Page, choices: Choices, error: QueryError) -> Response:
    return page.render(
        "search.html",
        status=400,
        error=error,
        choices=choices,
        filters=groups(f"{page.base}/search", choices),
        long=is_long(choices),
        names={},
    )


def _found(session: Session, page: Page, query: str, order: Order, after: str, *, collapse: bool) -> Found:
    behind = after or None
    if order == "relevant":
        return by_relevance(session, query, page.now, limit=PER_PAGE, after=behind, collapse=collapse)
    return search(session, query, limit=PER_PAGE, after=behind, order=order, collapse=collapse)


def _hits(session: Session, query: str, items: Sequence[FoundItem]) -> tuple[Hit, ...]:
    texts = wanted_texts(parse(query).node)
    words = words_of(session, [item.item_id for item in items])
    return tuple(_hit(texts, item, words[item.item_id]) for item in items)


def _folded(hits: Sequence[Hit], items: Sequence[FoundItem]) -> tuple[Hit, ...]:
    """The hits, each with how many others of its story are not shown."""
    told, shown = (Counter(item.story for item in some) for some in (items, [hit.item for hit in hits]))
    return tuple(replace(hit, more=told[hit.item.story] - shown[hit.item.story]) for hit in hits)


def _hit(texts: Sequence[Text], item: FoundItem, words: Words) -> Hit:
    title = in_pieces(item.title, spans(texts, item.title, item.language, title=True))
    return Hit(item, title, around(words.body, spans(texts, words.body, item.language), words.room))


def names_of(session: Session, narrowing: Mapping[str, Group]) -> Mapping[str, str]:
    """Id of a source, or key of an organisation -> its name."""
    bodies = [each.name for each in (*narrowing["organisations"].filters, *narrowing["organisations"].more)]
    return {**source_names(session), **{key: name_of(key) for key in bodies}}


def download(page: ThePage, choices: TheChoices, form: str) -> Response:
    """All hits in one of the export formats, as a stream; a feed has the newest; a sidecar says what they are."""
    form = ALIASES.get(form, form)
    if form not in (*FORMATS, SIDECAR):
        raise NotFound(f"no export format {form!r}")
    only_choices(page)
    about = about_of(page, choices.asked())
    if form == SIDECAR:
        with page.site.store.reading() as session:
            return Response(colophon(session, about).document(), media_type="application/json")
    format_ = FORMATS[form]
    about = _announced(page, replace(about, told=told_of(page, choices))) if format_.feed else about
    headers = {"ETag": tag_of(about, form), "Last-Modified": format_datetime(about.updated, usegmt=True)}
    if about.hub:
        headers["Link"] = f'<{about.hub}>; rel="hub", <{about.self_url}>; rel="self"'
    if has_it(page.request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if not format_.feed:
        name = f"vigie-{page.now:%Y-%m-%d}.{format_.suffix}"
        sidecar = address(f"{page.base}/search.{SIDECAR}", choices.parameters())
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
        headers["Link"] = f'<{sidecar}>; rel="describedby"; type="application/json"'
    items = every(page.site.store, about.query, limit=IN_A_FEED if format_.feed else None)
    return StreamingResponse(export(form, items, about), media_type=format_.media_type, headers=headers)


def told_of(page: Page, choices: Choices) -> str:
    """What was asked in the words of the page's language; of everything nothing."""
    if not (query := choices.query()):
        return ""
    with page.site.store.reading() as session:
        return told_text(query, page.language, names=source_names(session))


def _elsewhere(session: Session, page: Page, query: str) -> Elsewhere | None:
    other = otherwise(session, query)
    if other is None:
        return None
    items = search(session, other.query, limit=PER_PAGE).items
    return Elsewhere(other.words, items, address(f"{page.base}/search", (("q", other.query),)))


def _narrow(page: Page, choices: Choices) -> str:
    """Where the words are looked for as they are typed, in no other language."""
    return address(f"{page.base}/search", replace(choices, q=f"{choices.q} {EXPAND}:no").parameters())


def _ways(page: Page, choices: Choices, shown: Shown, next_: str | None, after: str) -> Ways:
    path = f"{page.base}/search"
    chosen, each = choices.parameters(), ("each", "1" if shown.each else "")

    def ordered(order: Order) -> Parameters:
        return (*chosen, ("order", order if order != shown.usual else ""), each)

    orders: tuple[Order, ...] = ("relevant", "newest", "oldest") if shown.words else ("newest", "oldest")
    here = ordered(shown.order)
    return Ways(
        next=next_ and address(path, (*here, ("after", next_))),
        first=address(path, here) if after else None,
        orders={order: address(path, ordered(order)) for order in orders},
        exports={form: address(f"{path}.{form}", chosen) for form in TAKEN_AWAY},
        sidecar=address(f"{path}.{SIDECAR}", chosen),
        feed=address(f"{path}.atom", chosen),
        json_feed=address(f"{path}.jsonfeed", chosen),
        calendar=address(f"{path}.ics", chosen),
        subscribe=address(f"{page.base}/subscribe", (("q", shown.query),)),
        trends=address(f"{page.base}/trends", chosen),
        switch=address(path, (*here[:-1], ("each", "" if shown.each else "1"))),
    )


def about_of(page: Page, query: str) -> About:
    """What an export of a query says of itself."""
    with page.site.store.reading() as session:
        changes = newest_change(session, query), last_removal(session)
    today = page.now.replace(hour=0, minute=0, second=0, microsecond=0)  # of nothing, no moment is the right one
    updated = max((moment for moment in changes if moment), default=today)
    url = page.request.url
    self_url = f"{page.portal_url}{url.path}{'?' + url.query if url.query else ''}"
    return About(query, updated, page.portal_url, self_url=self_url, language=page.language, at=page.now)


def _announced(page: Page, about: About) -> About:
    """The feed with the hub that is told of its news, where there is one."""
    site = page.site
    if not (site.settings.hub and site.settings.public_url):
        return about
    site.followers.asked(about.self_url, about.query, page.now)
    return replace(about, hub=site.settings.hub)


def tag_of(about: About, form: str) -> str:
    """Changes when something that the query finds does."""
    named = f"{form} {about.language} {about.query} {about.name} {about.updated.isoformat()} {about.hub}"
    return f'W/"{sha256(named.encode()).hexdigest()[:20]}"'
