"""The calls and events that a query finds, as a calendar that programs subscribe to."""

from collections.abc import Mapping
from dataclasses import replace
from email.utils import format_datetime

from fastapi import Response

from services.portal.api.answers import has_it
from services.portal.pages.search import TheChoices, about_of, only_choices, tag_of, told_of
from services.portal.site import Page, ThePage
from shared.archive.about import About
from shared.archive.announcing import for_calendar
from shared.archive.calendar import MEDIA_TYPE, calendar
from shared.items import Announcement


def show(page: ThePage, choices: TheChoices) -> Response:
    """Deadlines of calls and first days of events; changed when something that the query finds is, or the day."""
    only_choices(page)
    query = choices.asked()
    about = replace(about_of(page, query), told=told_of(page, choices))
    stamp = {"ETag": etag(page, about), "Last-Modified": format_datetime(about.updated, usegmt=True)}
    if has_it(page.request, stamp["ETag"]):
        return Response(status_code=304, headers=stamp)
    return answer(page, query, about, stamp)


def etag(page: Page, about: About) -> str:
    """What tells a calendar from that of another day, too."""
    return tag_of(about, f"ics {page.now.date()}")


def answer(page: Page, query: str, about: About, headers: Mapping[str, str]) -> Response:
    """The calendar of what the query finds, in the words of the page's language."""
    texts = page.site.texts[page.language]
    titles = {Announcement.CALL: texts("calendar_call"), Announcement.EVENT: texts("calendar_event")}
    items = for_calendar(page.site.store, query, page.now.date())
    name = {"Content-Disposition": 'inline; filename="vigie.ics"'}
    return Response(calendar(items, about, titles), headers={**headers, **name}, media_type=MEDIA_TYPE)
