"""The door of the operations pages: open on loopback, a password beyond, shut where none is set."""

from typing import Annotated, Final

from fastapi import Depends, Response

from services.portal.guard import Access, access
from services.portal.site import PRIVATE, Page, ThePage

CHALLENGE: Final = {"WWW-Authenticate": 'Basic realm="Vigie", charset="UTF-8"'}


class Denied(Exception):
    """This request may not see an operations page."""

    def __init__(self, page: Page, answer: Access) -> None:
        super().__init__(answer.value)
        self.page, self.answer = page, answer


def opened(page: ThePage) -> Page:
    """The page, for those who may see it. Raises Denied."""
    settings = page.site.settings
    host, _ = settings.http_host_port
    answer = access(page.request.headers, host, settings.public_url, settings.admin_password)
    if answer is not Access.GRANTED:
        raise Denied(page, answer)
    return page


OpsPage = Annotated[Page, Depends(opened)]


def refuse(denied: Denied) -> Response:
    """401 that asks for the password, or 403 that says how to set one."""
    asks = denied.answer is Access.PASSWORD
    return denied.page.render(
        "denied.html", status=401 if asks else 403, headers={**PRIVATE, **(CHALLENGE if asks else {})}, asks=asks
    )
