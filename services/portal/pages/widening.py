"""The page behind the wider terms that a notice offers, for a subscription that found nothing for weeks."""

from fastapi import Response

from services.portal.pages.mailed import publishers
from services.portal.site import PRIVATE, ThePage
from shared.subscriptions import widening
from shared.subscriptions.keyring import known_keys
from shared.subscriptions.version import changing


def show(page: ThePage, token: str) -> Response:
    """What would hold instead of what holds, and the button."""
    with page.site.store.reading() as session:
        keys = known_keys(session, page.site.settings)
        found, query = widening.offered(session, token, page.now, keys=keys)
        names = publishers(session, (found,))
    return page.render("widen.html", headers=PRIVATE, subscription=found, query=query, names=names)


def widen(page: ThePage, token: str) -> Response:
    """The subscription has the wider terms from now on."""
    with changing(page.site.store) as session:
        keys, now = known_keys(session, page.site.settings), page.site.store.now(session)
        widening.widen(session, token, now, keys=keys)
    return page.render("said.html", headers=PRIVATE, title="wide_done_title", text="wide_done_text")
