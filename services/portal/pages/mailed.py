"""The pages behind the links of mails: confirm, leave, pause. GET shows, POST acts.

Scanners of mail providers follow every link; so a GET never changes anything. The token in the path is the proof
of who may act; it is never logged, and no other host learns it. A mail may have been forwarded: its links show and
end what they are about, and nothing else of its reader's.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from fastapi import Response
from fastapi.responses import PlainTextResponse
from sqlmodel import Session

from services.portal.pages.forms import SentForm
from services.portal.site import PRIVATE, Page, ThePage
from shared.errors import NotFound
from shared.query.told import sources_named
from shared.sources.names import names_of
from shared.subscriptions import lifecycle, own
from shared.subscriptions.keyring import known_keys
from shared.subscriptions.links import Purpose, sign, verify
from shared.subscriptions.subscription import Subscription
from shared.subscriptions.suspensions import suspension_of
from shared.subscriptions.version import changing

ONE_CLICK: Final = "One-Click"
PAUSES: Final = (7, 14, 28, 91)  # days


def show_confirm(page: ThePage, token: str) -> Response:
    """What would begin, and the button that begins it."""
    with page.site.store.reading() as session:
        keys = known_keys(session, page.site.settings)
        found = lifecycle.subscription_for(session, token, page.now, keys=keys, purpose=Purpose.CONFIRM)
        names = publishers(session, found)
    return page.render("confirm.html", headers=PRIVATE, subscription=_one(found), done=False, names=names)


def confirm(page: ThePage, token: str) -> Response:
    """Begin the subscription. Doing it again changes nothing."""
    with changing(page.site.store) as session:
        keys = known_keys(session, page.site.settings)
        subscription = lifecycle.confirm(session, token, page.site.store.now(session), keys=keys)
        preferences = f"{page.base}/preferences/{sign(keys, Purpose.PREFERENCES, subscription.id)}"
        names = publishers(session, (subscription,))
    return page.render(
        "confirm.html",
        headers=PRIVATE,
        subscription=subscription,
        done=True,
        preferences=preferences,
        names=names,
    )


def show_leave(page: ThePage, token: str) -> Response:
    """What would end, and the button that ends it."""
    with page.site.store.reading() as session:
        keys = known_keys(session, page.site.settings)
        found = lifecycle.subscription_for(session, token, page.now, keys=keys, purpose=Purpose.LEAVE)
        names = publishers(session, found)
    return page.render("leave.html", headers=PRIVATE, subscriptions=found, done=False, names=names)


def leave(page: ThePage, token: str, form: SentForm) -> Response:
    """End what the link is about: by our button, or by a mail provider's as in RFC 8058, from whatever site.

    Who holds the token may leave; nobody else can make a request that has it.
    """
    with changing(page.site.store) as session:
        keys = known_keys(session, page.site.settings)
        ended = lifecycle.leave(session, token, page.site.store.now(session), keys=keys)
    if form.get("List-Unsubscribe") == ONE_CLICK:
        return PlainTextResponse("", headers=PRIVATE)
    return page.render("leave.html", headers=PRIVATE, subscriptions=ended, done=True)


def show_preferences(page: ThePage, token: str) -> Response:
    """The link's subscription: it may be paused or left here, and the way to change it is mailed."""
    with page.site.store.reading() as session:
        keys = known_keys(session, page.site.settings)
        return _preferences(page, session, verify(keys, Purpose.PREFERENCES, token, page.now))


def change(page: ThePage, token: str, form: SentForm) -> Response:
    """Pause the link's subscription, go on with it, end it, or mail its reader the link to everything."""
    action = form.get("action", "")
    with changing(page.site.store) as session:
        keys, now = known_keys(session, page.site.settings), page.site.store.now(session)
        subscription = verify(keys, Purpose.PREFERENCES, token, now)
        match action:
            case "pause" | "resume":
                until = until_of(form, now) if action == "pause" else None
                lifecycle.pause(session, subscription, until, now, keys=keys)
            case "leave":
                row = lifecycle.active(session, subscription)
                lifecycle.part(session, [row], now, keys=keys, reason=lifecycle.LEFT, origin="portal")
            case "links":
                own.mail_links_of(session, subscription, now, page.language)
            case _:
                return _preferences(page, session, subscription, status=400)
        return _preferences(page, session, subscription, done=action)


def until_of(form: Mapping[str, str], now: datetime) -> datetime:
    """Until when a form asks to pause; a length that it does not offer is the first one."""
    days = form.get("days", "")
    return now + timedelta(days=int(days) if days in map(str, PAUSES) else PAUSES[0])


def _preferences(
    page: Page, session: Session, subscription: str, *, status: int = 200, done: str = ""
) -> Response:
    shown = lifecycle.as_it_stands(session, subscription)
    return page.render(
        "preferences.html",
        status=status,
        headers=PRIVATE,
        subscription=shown,
        suspension=suspension_of(session, shown.person),
        names=publishers(session, (shown,)),
        pauses=PAUSES,
        done=done,
        now=page.now,
    )


def publishers(session: Session, subscriptions: Iterable[Subscription]) -> Mapping[str, str]:
    """The names of the sources that their queries name."""
    return names_of(session, frozenset().union(*(sources_named(each.query) for each in subscriptions)))


def _one(found: tuple[Subscription, ...]) -> Subscription:
    if not found:
        raise NotFound("this subscription does not exist any more")
    return found[0]
