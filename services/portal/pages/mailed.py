"""The pages behind the links of mails: confirm, leave, preferences. GET shows, POST acts.

Scanners of mail providers follow every link; so a GET never changes anything. The token in the path is the proof
of who may act; it is never logged, and no other host learns it.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Form, Response
from fastapi.responses import PlainTextResponse
from sqlmodel import Session

from services.portal.guard import is_cross_site
from services.portal.site import PRIVATE, Page, ThePage
from shared.errors import NotFound, QueryError
from shared.subscriptions import lifecycle
from shared.subscriptions.keyring import known_keys
from shared.subscriptions.keys import Keys
from shared.subscriptions.links import Purpose, sign
from shared.subscriptions.version import changing
from shared.subscriptions.words import Every, Subscription

ONE_CLICK: Final = "One-Click"


@dataclass(frozen=True, slots=True)
class Kept:
    """A subscription on the preferences page, with the ways to its own pages."""

    subscription: Subscription
    preferences: str
    leave: str
    shown: bool


def show_confirm(page: ThePage, token: str) -> Response:
    """What would begin, and the button that begins it."""
    with page.site.store.reading() as session:
        keys = known_keys(session, page.site.settings)
        found = lifecycle.subscription_for(session, token, page.now, keys=keys, purpose=Purpose.CONFIRM)
    return page.render("confirm.html", headers=PRIVATE, subscription=_one(found), done=False)


def confirm(page: ThePage, token: str) -> Response:
    """Begin the subscription. Doing it again changes nothing."""
    with changing(page.site.store) as session:
        keys = known_keys(session, page.site.settings)
        subscription = lifecycle.confirm(session, token, page.site.store.now(session), keys=keys)
        preferences = f"{page.base}/preferences/{sign(keys, Purpose.PREFERENCES, subscription.id)}"
    return page.render(
        "confirm.html", headers=PRIVATE, subscription=subscription, done=True, preferences=preferences
    )


def show_leave(page: ThePage, token: str) -> Response:
    """What would end, and the button that ends it."""
    with page.site.store.reading() as session:
        keys = known_keys(session, page.site.settings)
        found = lifecycle.subscription_for(session, token, page.now, keys=keys, purpose=Purpose.LEAVE)
    return page.render("leave.html", headers=PRIVATE, subscriptions=found, done=False)


def leave(
    page: ThePage,
    token: str,
    one_click: Annotated[str, Form(alias="List-Unsubscribe")] = "",
    everything: Annotated[str, Form()] = "",
) -> Response:
    """End the subscriptions of the link: by our button, or by a mail provider's as in RFC 8058."""
    if one_click != ONE_CLICK and is_cross_site(page.request.headers, page.site.settings.public_url):
        return page.render("problem.html", status=403, kind="cross_site")
    end = lifecycle.leave_all if everything else lifecycle.leave
    with changing(page.site.store) as session:
        keys = known_keys(session, page.site.settings)
        ended = end(session, token, page.site.store.now(session), keys=keys)
    if one_click == ONE_CLICK:
        return PlainTextResponse("", headers=PRIVATE)
    return page.render("leave.html", headers=PRIVATE, subscriptions=ended, done=True)


def show_preferences(page: ThePage, token: str) -> Response:
    """The link's subscription with its choices, and the person's others."""
    with page.site.store.reading() as session:
        return _preferences(page, session, token)


def change(
    page: ThePage,
    token: str,
    query: Annotated[str, Form()] = "",
    every: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
) -> Response:
    """Change the link's subscription."""
    with changing(page.site.store) as session:
        keys = known_keys(session, page.site.settings)
        now = page.site.store.now(session)
        try:
            lifecycle.change(session, token, now, keys=keys, query=query, every=every, language=language)
        except QueryError as error:
            return _preferences(page, session, token, status=400, query=query, query_error=error)
        return _preferences(page, session, token, changed=True)


def _preferences(
    page: Page,
    session: Session,
    token: str,
    *,
    status: int = 200,
    changed: bool = False,
    query: str | None = None,
    query_error: QueryError | None = None,
) -> Response:
    keys = known_keys(session, page.site.settings)
    found = lifecycle.subscription_for(session, token, page.now, keys=keys, purpose=Purpose.PREFERENCES)
    subscription = _one(found)
    kept = [
        _kept(page, keys, other, shown=other.id == subscription.id)
        for other in lifecycle.subscriptions_of(session, subscription.person)
        if other.active
    ]
    return page.render(
        "preferences.html",
        status=status,
        headers=PRIVATE,
        subscription=subscription,
        query=subscription.query if query is None else query,
        kept=kept,
        leave=f"{page.base}/leave/{sign(keys, Purpose.LEAVE, subscription.id)}",
        modes=tuple(Every),
        changed=changed,
        query_error=query_error,
    )


def _kept(page: Page, keys: Keys, subscription: Subscription, *, shown: bool) -> Kept:
    return Kept(
        subscription,
        f"{page.base}/preferences/{sign(keys, Purpose.PREFERENCES, subscription.id)}",
        f"{page.base}/leave/{sign(keys, Purpose.LEAVE, subscription.id)}",
        shown,
    )


def _one(found: tuple[Subscription, ...]) -> Subscription:
    if not found:
        raise NotFound("this subscription does not exist any more")
    return found[0]
