"""The pages behind the links of mails: confirm, leave, preferences. GET shows, POST acts.

Scanners of mail providers follow every link; so a GET never changes anything. The token in the path is the proof
of who may act; it is never logged, and no other host learns it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request, Response
from fastapi.responses import PlainTextResponse
from sqlmodel import Session
from starlette.exceptions import HTTPException

from services.portal.site import PRIVATE, Page, ThePage
from shared.errors import NotFound, QueryError
from shared.query.told import sources_named
from shared.sources.names import names_of
from shared.subscriptions import lifecycle
from shared.subscriptions.keyring import known_keys
from shared.subscriptions.keys import Keys
from shared.subscriptions.links import Purpose, sign, verify
from shared.subscriptions.subscription import Subscription
from shared.subscriptions.suspensions import suspension_of
from shared.subscriptions.version import changing
from shared.subscriptions.words import Every

ONE_CLICK: Final = "One-Click"
Form = Mapping[str, str]


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
        names = _publishers(session, found)
    return page.render("confirm.html", headers=PRIVATE, subscription=_one(found), done=False, names=names)


def confirm(page: ThePage, token: str) -> Response:
    """Begin the subscription. Doing it again changes nothing."""
    with changing(page.site.store) as session:
        keys = known_keys(session, page.site.settings)
        subscription = lifecycle.confirm(session, token, page.site.store.now(session), keys=keys)
        preferences = f"{page.base}/preferences/{sign(keys, Purpose.PREFERENCES, subscription.id)}"
        names = _publishers(session, (subscription,))
    return page.render(
        "confirm.html",
        headers=PRIVATE,
        subscription=subscription,
        done=True,
        preferences=preferences,
        names=names,
    )


async def sent_form(request: Request) -> Form:
    """The fields of a form. A body that is none says nothing, and is no reason to keep anybody from leaving."""
    try:
        fields = await request.form()
    except HTTPException:
        return {}
    return {name: value for name, value in fields.items() if isinstance(value, str)}


SentForm = Annotated[Form, Depends(sent_form)]


def show_leave(page: ThePage, token: str) -> Response:
    """What would end, and the button that ends it."""
    with page.site.store.reading() as session:
        keys = known_keys(session, page.site.settings)
        found = lifecycle.subscription_for(session, token, page.now, keys=keys, purpose=Purpose.LEAVE)
        others = lifecycle.going_on(session, found)
        names = _publishers(session, found)
    return page.render("leave.html", headers=PRIVATE, subscriptions=found, done=False, others=others, names=names)


def leave(page: ThePage, token: str, form: SentForm) -> Response:
    """End what the link is about: by our button, or by a mail provider's as in RFC 8058, from whatever site.

    Who holds the token may leave; nobody else can make a request that has it.
    """
    end = lifecycle.leave_all if form.get("everything") else lifecycle.leave
    with changing(page.site.store) as session:
        keys = known_keys(session, page.site.settings)
        ended = end(session, token, page.site.store.now(session), keys=keys)
        others = lifecycle.going_on(session, ended)
    if form.get("List-Unsubscribe") == ONE_CLICK:
        return PlainTextResponse("", headers=PRIVATE)
    return page.render("leave.html", headers=PRIVATE, subscriptions=ended, done=True, others=others)


def show_preferences(page: ThePage, token: str) -> Response:
    """The link's subscription with its choices, and the person's others."""
    with page.site.store.reading() as session:
        return _preferences(page, session, token)


def change(page: ThePage, token: str, form: SentForm) -> Response:
    """Change the link's subscription. A form without a query is not ours, and an empty query means everything."""
    query, every, language = form.get("query"), form.get("every"), form.get("language")
    if query is None:
        with page.site.store.reading() as session:
            return _preferences(page, session, token, status=400)
    with changing(page.site.store) as session:
        keys = known_keys(session, page.site.settings)
        now = page.site.store.now(session)
        try:
            subscription = verify(keys, Purpose.PREFERENCES, token, now)
            lifecycle.change(session, subscription, now, keys=keys, query=query, every=every, language=language)
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
        suspension=suspension_of(session, subscription.person),
        query=subscription.query if query is None else query,
        kept=kept,
        names=_publishers(session, [one.subscription for one in kept]),
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


def _publishers(session: Session, subscriptions: Iterable[Subscription]) -> Mapping[str, str]:
    """The names of the sources that their queries name."""
    return names_of(session, frozenset().union(*(sources_named(each.query) for each in subscriptions)))


def _one(found: tuple[Subscription, ...]) -> Subscription:
    if not found:
        raise NotFound("this subscription does not exist any more")
    return found[0]
