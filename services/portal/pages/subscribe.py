"""Subscribing: a query, how often, which language; a preview before anything is asked; a neutral answer.

The answer is the same whether the address is known or not, and whether a machine filled the trap or a person the
form: nobody learns from it who reads Vigie.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form, Query, Response

from services.portal.choices import Choices
from services.portal.problems import problem
from services.portal.site import PRIVATE, Page, ThePage
from services.portal.throttle import client_of
from shared.archive.search import COUNT_CAP
from shared.errors import BadAddress, QueryError
from shared.subscriptions.keyring import made_keys
from shared.subscriptions.lifecycle import request as request_subscription
from shared.subscriptions.preview import Preview, would_have_matched
from shared.subscriptions.version import changing
from shared.subscriptions.wishes import checked_query
from shared.subscriptions.words import Every
from shared.themes import themes


@dataclass(frozen=True, slots=True)
class Wanted:
    """The form as it was filled in."""

    choices: Choices
    address: str
    every: Every
    language: str


def show(
    page: ThePage,
    q: str = "",
    theme: Annotated[Sequence[str], Query()] = (),
) -> Response:
    """The empty form, or one that a search has begun to fill in."""
    wanted = Wanted(_choices(q, theme, "", ""), "", Every.DAILY, page.language)
    return _form(page, wanted)


def wanted_of(
    page: ThePage,
    q: Annotated[str, Form()] = "",
    theme: Annotated[Sequence[str], Form()] = (),
    bilateral: Annotated[str, Form()] = "",
    sovereign: Annotated[str, Form()] = "",
    address: Annotated[str, Form()] = "",
    every: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
) -> Wanted:
    """The form; a choice that it does not offer falls back to the usual one."""
    return Wanted(
        _choices(q, theme, bilateral, sovereign),
        address,
        Every(every) if every in list(Every) else Every.DAILY,
        language if language in page.site.texts else page.language,
    )


def submit(
    page: ThePage,
    wanted: Annotated[Wanted, Depends(wanted_of)],
    action: Annotated[str, Form()] = "",
    website: Annotated[str, Form()] = "",
) -> Response:
    """Preview, or ask for the subscription. `website` is a trap that people are told to leave empty."""
    try:
        checked_query(wanted.choices.q)  # the reader's own words, so that a position counts in them
        query = checked_query(wanted.choices.query())
    except QueryError as error:
        return _form(page, wanted, status=400, query_error=error)
    if action != "subscribe":
        return _form(page, wanted, preview=_preview(page, query))
    if not website:  # a machine gets the same answer as a person
        if not page.site.throttle.allows(client_of(page.client), page.now):
            return problem(page.request, 429, "busy")
        try:
            _request(page, wanted, query)
        except BadAddress:
            return _form(page, wanted, status=400, bad_address=True)
    return page.render("asked.html", headers=PRIVATE)


def _choices(q: str, theme: Sequence[str], bilateral: str, sovereign: str) -> Choices:
    known = tuple(value for value in themes() if value in theme)
    return Choices(q, known, franco_german=bool(bilateral), sovereign=bool(sovereign))


def _preview(page: Page, query: str) -> Preview:
    with page.site.store.reading() as session:
        return would_have_matched(session, query, page.now)


def _request(page: Page, wanted: Wanted, query: str) -> None:
    with changing(page.site.store) as session:
        keys = made_keys(session, page.site.settings)
        now = page.site.store.now(session)
        request_subscription(session, now, wanted.address, query, wanted.every, wanted.language, keys=keys)


def _form(
    page: Page,
    wanted: Wanted,
    *,
    status: int = 200,
    query_error: QueryError | None = None,
    bad_address: bool = False,
    preview: Preview | None = None,
) -> Response:
    return page.render(
        "subscribe.html",
        status=status,
        headers=PRIVATE,
        wanted=wanted,
        modes=tuple(Every),
        query_error=query_error,
        bad_address=bad_address,
        preview=preview,
        cap=COUNT_CAP,
    )
