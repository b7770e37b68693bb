"""Calls and events as an iCalendar (RFC 5545), and the door of the library that writes it.

Each is a VEVENT of a whole day that takes nobody's time: Google and Outlook show no VTODO of a calendar that one
subscribes to, and a deadline has no hour that anybody told. There is no METHOD: to PUBLISH wants an ORGANIZER
(RFC 5546), and readers that judge (ical4j) miss it. The library is imported when a calendar is asked for.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from shared.archive.about import RIGHTS, About
from shared.archive.found import FoundItem
from shared.archive.sheets import without_controls
from shared.items import Announced, Announcement
from shared.shown_url import web_link
from shared.themes import themes

MEDIA_TYPE: Final = "text/calendar"
PRODUCT: Final = "-//Vigie//Vigie//EN"
AGAIN: Final = timedelta(hours=6)  # when a client may look again
_NAMESPACE: Final = uuid5(NAMESPACE_URL, "https://vigie.example/calendar")
_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)  # before any revision


def calendar(items: Iterable[FoundItem], about: About, titles: Mapping[Announcement, str]) -> bytes:
    """One entry for each story and kind, of its newest item that names a day.

    `titles` are what an entry is called, around the title of its item: `Deadline: {title}`.
    """
    from icalendar import Calendar

    document = Calendar()
    document.add("prodid", PRODUCT)
    document.add("version", "2.0")
    document.add("name", about.full_title)
    document.add("x-wr-calname", about.full_title)
    document.add("description", RIGHTS)
    document.add("refresh-interval", AGAIN, parameters={"VALUE": "DURATION"})
    document.add("x-published-ttl", "PT6H")
    told: set[tuple[str, Announcement]] = set()
    for item in items:
        for said in item.announced:
            if said.day is not None and (item.story, said.kind) not in told:
                told.add((item.story, said.kind))
                document.add_component(_entry(item, said, about, titles[said.kind]))
    return bytes(document.to_ical())


def _entry(item: FoundItem, said: Announced, about: About, title: str) -> Any:
    from icalendar import Event

    assert said.day is not None  # asked before
    entry = Event()
    entry.add("uid", f"{uuid5(_NAMESPACE, f'{said.kind}/{item.story}')}")
    entry.add("dtstamp", item.revised_at)
    entry.add("last-modified", item.revised_at)
    entry.add(
        "sequence", max(0, int((item.revised_at - _EPOCH) / timedelta(minutes=1)))
    )  # grows with each revision
    entry.add("dtstart", said.day)
    entry.add("dtend", said.day + timedelta(days=1))
    entry.add("summary", without_controls(title.format(title=item.title)))
    page = about.page_of(item)
    entry.add("description", without_controls(f"{said.passage}\n\n{item.source_name or item.source}\n{page}"))
    entry.add("url", web_link(item.url) or page)
    entry.add("transp", "TRANSPARENT")
    if item.themes:
        known = themes()
        names = [known[theme].names[about.language] if theme in known else theme for theme in item.themes]
        entry.add("categories", names)
    return entry
