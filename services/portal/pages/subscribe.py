"""Subscribing: boxes and words, how often, which language; a preview before anything is asked; a neutral answer.

The answer is the same whether the address is known or not, and whether a machine filled the trap or a person the
form: nobody learns from it who reads Vigie. Who ticks and writes nothing is asked whether they want everything.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import Query, Response

from services.portal.choices import Choices
from services.portal.flood import may_ask
from services.portal.pages.forms import SentFields, fields_of
from services.portal.problems import problem
from services.portal.site import PRIVATE, Page, ThePage
from services.portal.wanted import SUGGESTED, Wanted, wanted_of
from shared.archive.places_found import COUNT_CAP
from shared.errors import BadAddress, QueryError
from shared.subscriptions.keyring import made_keys
from shared.subscriptions.lifecycle import MOST_SUBSCRIPTIONS
from shared.subscriptions.lifecycle import request as request_subscription
from shared.subscriptions.options import WEEKDAYS, Strength
from shared.subscriptions.preview import Preview, would_have_matched
from shared.subscriptions.version import changing
from shared.subscriptions.wishes import checked_query
from shared.subscriptions.words import Every
from shared.themes import themes

CHOICES = {
    "modes": tuple(Every),
    "weekdays": WEEKDAYS,
    "strengths": tuple(Strength),
    "suggested": SUGGESTED,
    "cap": COUNT_CAP,
    "most": MOST_SUBSCRIPTIONS,
}


def show(
    page: ThePage,
    q: str = "",
    theme: Annotated[Sequence[str], Query()] = (),
) -> Response:
    """The empty form, or one that a search has begun to fill in."""
    choices = Choices(q, tuple(value for value in themes() if value in theme))
    return form(page, Wanted(choices, Every.DAILY, page.language))


def submit(page: ThePage, sent: SentFields) -> Response:
    """Preview, or ask for the subscription. `website` is a trap that people are told to leave empty."""
    fields = fields_of(sent)
    wanted, action, website = wanted_of(fields, page.language), fields("action"), fields("website")
    try:
        query = query_of(wanted)
    except QueryError as error:
        return form(page, wanted, status=400, query_error=error)
    if "subscribe" not in action:
        return form(page, wanted, preview=preview_of(page, query))
    if wanted.unsaid or wanted.bad_zone:
        return form(page, wanted, status=400)
    if not any(website):  # a machine gets the same answer as a person
        if not may_ask(page):
            return problem(page.request, 429, "busy")
        try:
            _request(page, wanted, query)
        except BadAddress:
            return form(page, wanted, status=400, bad_address=True)
    return page.render("asked.html", headers=PRIVATE)


def query_of(wanted: Wanted) -> str:
    """Boxes and words as one query. Raises QueryError."""
    checked_query(wanted.choices.q)  # the reader's own words, so that a position counts in them
    return checked_query(wanted.choices.query())


def preview_of(page: Page, query: str) -> Preview:
    with page.site.store.reading() as session:
        return would_have_matched(session, query, page.now)


def _request(page: Page, wanted: Wanted, query: str) -> None:
    with changing(page.site.store) as session:
        keys, now = made_keys(session, page.site.settings), page.site.store.now(session)
        wish = wanted.address, query, wanted.every, wanted.language
        request_subscription(session, now, *wish, keys=keys, options=wanted.options)


def form(
    page: Page,
    wanted: Wanted,
    *,
    status: int = 200,
    query_error: QueryError | None = None,
    bad_address: bool = False,
    preview: Preview | None = None,
) -> Response:
    """The form with what is wrong in it, or with what it would have brought."""
    asks = status == 400 and wanted.unsaid and query_error is None
    return page.render(
        "subscribe.html",
        status=status,
        headers=PRIVATE,
        wanted=replace(wanted, everything=wanted.everything and not asks),
        query_error=query_error,
        bad_address=bad_address,
        asks_everything=asks,
        preview=preview,
        **CHOICES,
    )
