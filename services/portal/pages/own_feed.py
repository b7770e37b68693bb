"""The secret feed of a subscription: its address is all that it takes to read it, so nobody else may learn it."""

from dataclasses import replace
from email.utils import format_datetime
from typing import Final

from fastapi import Response
from fastapi.responses import StreamingResponse

from services.portal.api.answers import has_it
from services.portal.pages import calendar
from services.portal.pages.mailed import publishers
from services.portal.pages.search import IN_A_FEED, about_of, tag_of
from services.portal.problems import problem
from services.portal.site import ThePage
from shared.archive.export import FORMATS, export
from shared.archive.search import every
from shared.errors import NotFound
from shared.query.told import told_text
from shared.subscriptions.elsewhere import feeds
from shared.subscriptions.keyring import known_keys

FORMS: Final = {"atom": "atom", "json": "jsonfeed"}  # how an address ends -> what comes
CALENDAR: Final = "ics"
SECRET: Final = {
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-cache",
}


def show(page: ThePage, token: str, form: str) -> Response:
    """The newest of what the subscription finds, or its dates; 410 where the address or the subscription ended."""
    if form not in (*FORMS, CALENDAR):
        raise NotFound(f"no feed of the form {form!r}")
    with page.site.store.reading() as session:
        opened = feeds.opened(session, token, keys=known_keys(session, page.site.settings))
        if opened.subscription is None:
            return problem(page.request, 410, "feed_ended", headers=SECRET)
        names = publishers(session, (opened.subscription,))
    query = opened.subscription.query
    about = replace(about_of(page, query), told=told_text(query, page.language, names=names), name=opened.name)
    tag = calendar.etag(page, about) if form == CALENDAR else tag_of(about, form)
    stamp = {"ETag": tag, "Last-Modified": format_datetime(about.updated, usegmt=True)}
    if has_it(page.request, stamp["ETag"]):
        return Response(status_code=304, headers={**SECRET, **stamp})
    if form == CALENDAR:
        return calendar.answer(page, query, about, {**SECRET, **stamp})
    pieces = export(FORMS[form], every(page.site.store, query, limit=IN_A_FEED), about)
    return StreamingResponse(pieces, headers={**SECRET, **stamp}, media_type=FORMATS[FORMS[form]].media_type)
