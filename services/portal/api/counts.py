"""What a query finds, counted by every field and over time, as JSON."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import Query, Request, Response

from services.portal.api import models
from services.portal.api.answers import answer
from services.portal.api.items import TheQuery
from services.portal.api.strict import BadParameter
from services.portal.site import TheSite
from shared.archive.course import MOST, course
from shared.archive.facets import By, Step, facets
from shared.archive.places_found import COUNT_CAP
from shared.query.expansion import wider
from shared.query.strict import parse_strictly

TheStep = Annotated[Step, Query(description="buckets of days, of weeks from Monday, or of months")]


def facet_counts(
    request: Request,
    site: TheSite,
    q: TheQuery = "",
    by: Annotated[By | None, Query(description="one kind alone; without it, all of them")] = None,
) -> Response:
    """How many items the query finds by theme, source, organisation, country, language, band and month.

    Of more than 10,000 hits of words, or of several fields together, the newest 10,000 are counted.
    """
    understood = wider(parse_strictly(q)).echo()
    with site.store.reading() as session:
        found = facets(session, understood, (by,) if by else tuple(By))
    counted = {
        kind: tuple(models.Counted(value=value, count=count) for value, count in some.items())
        for kind, some in found.counts.items()
    }
    newest = COUNT_CAP if found.of_newest else None
    return answer(request, models.Facets(query=understood, facets=counted, of_newest=newest))


def trends(
    request: Request,
    site: TheSite,
    q: TheQuery = "",
    by: Annotated[By | None, Query(description="also counted by this")] = None,
    step: TheStep = "month",
    since: Annotated[date | None, Query(description="first day; without it, a year back")] = None,
    until: Annotated[date | None, Query(description="last day; without it, today")] = None,
) -> Response:
    """How many items the query finds over time: empty buckets too, the share of all items, active sources."""
    understood = wider(parse_strictly(q)).echo()
    last = until or site.clock.now().astimezone(site.settings.calendar).date()
    first = since or _a_year_before(last)
    _check(first, last, step)
    with site.store.reading() as session:
        found = course(session, understood, by, since=first, until=last, step=step)
    buckets = tuple(
        models.Bucket(start=start, count=count, all=every, share=share, sources=sources)
        for start, count, every, share, sources in zip(
            found.trend.starts, found.counts, found.totals, found.shares(), found.sources, strict=True
        )
    )
    series = {value: found.trend.counts[value] for value in found.values()}
    marks = tuple(models.Mark.model_validate(mark) for mark in found.marks)
    said = models.Trends(query=understood, step=step, buckets=buckets, series=series, marks=marks)
    return answer(request, said)


def _a_year_before(day: date) -> date:
    return (day - timedelta(days=334)).replace(day=1)


def _check(first: date, last: date, step: Step) -> None:
    if first > last:
        raise BadParameter("since", "since is later than until.")
    days = {"day": 1, "week": 7, "month": 28}[step]
    if (last - first).days // days > MOST:
        raise BadParameter("since", f"more than {MOST} buckets; take larger steps or a shorter time.")
