"""Holds clients of the API to their allowance, and tells every one of them what it has left."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.portal.allowance import Allowance
from services.portal.problems import problem
from services.portal.site import site_of
from services.portal.throttle import client_of

API: Final = "/api/v1/"


class Limited:
    """Wraps the application, within the edge, which knows who asks."""

    def __init__(self, app: ASGIApp, allowance: Allowance) -> None:
        self._app, self._allowance = app, allowance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        client = client_of(request.client.host if request.client else "")
        left = self._allowance.ask(client, site_of(request).clock.now())

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(left.headers())
            await send(message)

        await (self._app if left.granted else problem(request, 429, "busy"))(scope, receive, answer)
