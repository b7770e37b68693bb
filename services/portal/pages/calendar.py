"""The calls and events that a query finds, as a calendar that programs subscribe to."""

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Final

from fastapi import Response

from services.portal.api.answers import has_it
from services.portal.pages.search import TheChoices, about_of, tag_of
from services.portal.site import ThePage
from shared.archive.announcing import announcing
from shared.archive.calendar import MEDIA_TYPE, calendar
from shared.items import Announcement
from shared.query.told import told_text

BEHIND: Final = timedelta(days=31)  # what is over stays so long: nobody's calendar forgets at once
MOST: Final = 1000  # items, the newest


def show(page: ThePage, choices: TheChoices) -> Response:
    """Deadlines of calls and first days of events; changed when something that the query finds is, or the day."""
    query, today = choices.asked(), page.now.date()
    about = about_of(page, query)
    about = replace(about, told=told_text(choices.query(), page.language) if query else "")
    stamp = {
        "ETag": tag_of(about, f"ics {today}"),
        "Last-Modified": format_datetime(about.updated, usegmt=True),
    }
    if has_it(page.request, stamp["ETag"]):
        return Response(status_code=304, headers=stamp)
    texts = page.site.texts[page.language]
    titles = {Announcement.CALL: texts("calendar_call"), Announcement.EVENT: texts("calendar_event")}
    items = announcing(page.site.store, query, today - BEHIND, MOST)
    name = {"Content-Disposition": 'inline; filename="vigie.ics"'}
    return Response(calendar(items, about, titles), headers={**stamp, **name}, media_type=MEDIA_TYPE)
