"""The door of the operations pages: open on loopback, a password beyond, shut where none is set."""

import logging
from typing import Annotated, Final

from fastapi import Depends, Response

from services.portal.guard import Access, access, gives_password
from services.portal.site import PRIVATE, Page, ThePage
from services.portal.throttle import client_of

log = logging.getLogger(__name__)

CHALLENGE: Final = {"WWW-Authenticate": 'Basic realm="Vigie", charset="UTF-8"'}


class Denied(Exception):
    """This request may not see an operations page."""

    def __init__(self, page: Page, answer: Access) -> None:
        super().__init__(answer.value)
        self.page, self.answer = page, answer


def opened(page: ThePage) -> Page:
    """The page, for those who may see it. Raises Denied."""
    settings, headers, client = page.site.settings, page.request.headers, client_of(page.client)
    tries = gives_password(headers)
    if tries and not page.site.logins.would_allow(client, page.now):
        raise Denied(page, Access.THROTTLED)
    host, _ = settings.http_host_port
    answer = access(headers, page.client, host, settings.public_url, settings.admin_password)
    if answer is Access.PASSWORD and tries:
        page.site.logins.allows(client, page.now)
        log.warning("wrong admin password", extra={"client": client})  # so that a firewall can read along
    if answer is not Access.GRANTED:
        raise Denied(page, answer)
    return page


OpsPage = Annotated[Page, Depends(opened)]


def refuse(denied: Denied) -> Response:
    """401 that asks for the password, 403 that says how to set one, or 429 after too many wrong ones."""
    if denied.answer is Access.THROTTLED:
        headers = {**PRIVATE, "Retry-After": "60"}
        return denied.page.render("problem.html", status=429, headers=headers, kind="busy")
    asks = denied.answer is Access.PASSWORD
    return denied.page.render(
        "denied.html", status=401 if asks else 403, headers={**PRIVATE, **(CHALLENGE if asks else {})}, asks=asks
    )
