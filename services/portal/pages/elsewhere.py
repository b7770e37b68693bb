"""What a subscription does beside its mails: shown and changed in the hour that a mailed link opens."""

from dataclasses import dataclass

from fastapi import Response
from sqlmodel import Session

from services.portal.pages.forms import SentForm
from services.portal.pages.mailed import publishers
from services.portal.site import PRIVATE, Page, ThePage
from shared.subscriptions import lifecycle, own
from shared.subscriptions.elsewhere import feeds
from shared.subscriptions.keyring import known_keys


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says besides: what was done, and what is shown this once."""

    done: str = ""
    feed: str = ""  # the secret part of a new address


NOTHING = Said()


def show(page: ThePage, hour: str, subscription: str) -> Response:
    """The ways of one subscription."""
    with page.site.store.reading() as session:
        return _shown(page, session, hour, _theirs(page, session, hour, subscription))


def act(page: ThePage, hour: str, subscription: str, form: SentForm) -> Response:
    """Make, renew or end one of the ways."""
    with page.site.store.writing() as session:
        theirs = _theirs(page, session, hour, subscription)
        keys, now = known_keys(session, page.site.settings), page.site.store.now(session)
        match form.get("action", ""):
            case "feed_make":
                said = Said("feed_make", feed=feeds.make(session, theirs, now, keys=keys))
            case "feed_end":
                feeds.end(session, theirs, now)
                said = Said("feed_end")
            case _:
                said = NOTHING
        return _shown(page, session, hour, theirs, said)


def _theirs(page: Page, session: Session, hour: str, subscription: str) -> str:
    """What goes on of the person whose hour it is. Raises BadLink, NotFound."""
    person = own.opened(session, hour, page.now, keys=known_keys(session, page.site.settings))
    return lifecycle.active(session, own.theirs(session, person.id, subscription).id).id


def _shown(page: Page, session: Session, hour: str, subscription: str, said: Said = NOTHING) -> Response:
    one = lifecycle.as_it_stands(session, subscription)
    return page.render(
        "elsewhere.html",
        headers=PRIVATE,
        one=one,
        names=publishers(session, (one,)),
        feed_since=feeds.open_since(session, one.id),
        feed_at=f"{page.portal_url}/{one.language}/feeds/{said.feed}" if said.feed else "",
        said=said,
        hour=hour,
    )
