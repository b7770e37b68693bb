"""The page of a mail with all of its stories: a mail shows forty. The link tells nothing of its reader."""

from typing import Final

from fastapi import Response

from services.portal.site import PRIVATE, ThePage
from shared.archive.search import found_items
from shared.subscriptions.issues import issue
from shared.subscriptions.keyring import known_keys
from shared.subscriptions.links import Purpose, verify

MOST: Final = 1000  # stories that one page shows


def show(page: ThePage, token: str) -> Response:
    """The stories of the mail; what was taken out of the archive since is left out. Raises BadLink, NotFound."""
    with page.site.store.reading() as session:
        keys = known_keys(session, page.site.settings)
        told = issue(session, verify(keys, Purpose.ISSUE, token, page.now))
        items = found_items(session, told.items[:MOST])
    return page.render("issue.html", headers=PRIVATE, items=items, at=told.at)
