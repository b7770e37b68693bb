"""How much there was of what a search finds, over time: drawn, as a table and as CSV."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from fastapi import Response

from services.portal import curve, show
from services.portal.choices import Choices
from services.portal.curve import Bar
from services.portal.links import Parameters, address
from services.portal.pages.search import TheChoices, only_choices
from services.portal.site import Page, ThePage
from shared.archive.bodies import name_of
from shared.archive.course import Course, Mark, course
from shared.archive.facets import By, Step
from shared.errors import QueryError
from shared.sources.names import source_names

DRAWN: Final = 12  # values that have a drawing of their own
_FEW: Final = 60  # pixels that such a drawing is high


class Span(StrEnum):
    """How far back, in which steps."""

    DAYS = "30d"
    WEEKS = "26w"
    MONTHS = "12m"
    YEARS = "5y"


class Across(StrEnum):
    """What the curve is divided by."""

    NOTHING = ""
    THEME = "theme"
    COUNTRY = "country"
    LANGUAGE = "lang"
    ORGANISATION = "org"
    BAND = "band"


_STEPS: Final[dict[Span, tuple[int, Step]]] = {
    Span.DAYS: (29, "day"),
    Span.WEEKS: (25 * 7, "week"),
    Span.MONTHS: (335, "month"),
    Span.YEARS: (5 * 365 - 27, "month"),
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A value with its own bars, all on one scale; `count` is their sum."""

    name: str
    count: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """The bars of all, the line of active sources under them, and where something began."""

    bars: tuple[Bar, ...]
    most: int
    line: str
    sources: int
    marks: tuple[tuple[float, Mark], ...]
    parts: tuple[Drawn, ...]


def show_trends(
    page: ThePage, choices: TheChoices, by: Across = Across.NOTHING, span: Span = Span.MONTHS
) -> Response:
    """The page."""
    try:
        query = choices.asked()
        found, name = _course(page, query, by, span)
    except QueryError as error:
        return page.render("trends.html", status=400, choices=choices, error=error, understood="")
    path, chosen = f"{page.base}/trends", choices.parameters()

    def to(by: Across, span: Span, path: str = path) -> str:
        return address(path, (*chosen, *_kept(by, span)))

    return page.render(
        "trends.html",
        error=None,
        choices=choices,
        understood=query,
        course=found,
        name=name,
        drawing=_drawing(found, name),
        step=_STEPS[span][1],
        by=by,
        span=span,
        across={each: to(each, span) for each in Across},
        spans={each: to(by, each) for each in Span},
        csv=to(by, span, f"{path}.csv"),
        search=address(f"{page.base}/search", chosen),
        width=curve.WIDTH,
        height=curve.HEIGHT,
        few=_FEW,
    )


def download(
    page: ThePage, choices: TheChoices, by: Across = Across.NOTHING, span: Span = Span.MONTHS
) -> Response:
    """The numbers of the page as CSV."""
    only_choices(page, "by", "span")
    found, name = _course(page, choices.asked(), by, span)
    headers = {"Content-Disposition": f'attachment; filename="vigie-trends-{page.now:%Y-%m-%d}.csv"'}
    return Response(curve.as_csv(found, name), headers=headers, media_type="text/csv; charset=utf-8")


def _kept(by: Across, span: Span) -> Parameters:
    return (("by", by), ("span", span if span is not Span.MONTHS else ""))


def _course(page: Page, query: str, by: Across, span: Span) -> tuple[Course, Callable[[str], str]]:
    """The course, and what its values are called."""
    until = page.now.astimezone(page.site.settings.calendar).date()
    days, step = _STEPS[span]
    since = _first(until - timedelta(days=days), step)
    with page.site.store.reading() as session:
        found = course(session, query, By(by) if by else None, since=since, until=until, step=step)
        sources = source_names(session)
    marks = tuple(
        Mark(mark.start, mark.kind, sources.get(mark.name, mark.name) if mark.kind == "source" else mark.name)
        for mark in found.marks
    )
    return Course(found.trend, found.totals, found.sources, marks), _names(page, by)


def _first(day: date, step: Step) -> date:
    return day.replace(day=1) if step == "month" else day


def _names(page: Page, by: Across) -> Callable[[str], str]:
    texts, language = page.site.texts[page.language], page.language
    match by:
        case Across.THEME:
            return lambda value: show.theme(value, language)
        case Across.COUNTRY:
            return lambda value: show.country(value, language)
        case Across.LANGUAGE:
            return lambda value: texts("language_other") if value == "other" else show.tongue(value, language)
        case Across.ORGANISATION:
            return name_of
        case Across.BAND:
            return lambda value: texts(f"band_{value.replace('.', '')}")
        case _:
            return str


def _drawing(found: Course, name: Callable[[str], str]) -> Drawing:
    most, sources = max(found.counts, default=0), max(found.sources, default=0)
    drawn = found.values()[:DRAWN]
    highest = max((max(found.trend.counts[value]) for value in drawn), default=0)
    parts = [
        Drawn(name(value), sum(counts := found.trend.counts[value]), curve.bars(counts, highest, _FEW))
        for value in drawn
    ]
    places = {start: curve.middle(at, len(found.trend.starts)) for at, start in enumerate(found.trend.starts)}
    marks = tuple((places[mark.start], mark) for mark in found.marks)
    line = curve.line(found.sources, sources, _FEW)
    return Drawing(curve.bars(found.counts, most), most, line, sources, marks, tuple(parts))


def link(base: str, choices: Choices) -> str:
    """The way from a search to its trend."""
    return address(f"{base}/trends", choices.parameters())
