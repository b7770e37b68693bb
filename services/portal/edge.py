"""What holds for every request and answer, whatever the page: headers, cross-site requests, size, HEAD.

A plain ASGI wrapper, because it must also hold for answers that no route made.
"""

from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.portal import languages
from services.portal.forwarding import Asked, asked_by
from services.portal.guard import is_cross_site, malformed
from shared.config import Network
from shared.public_url import PublicUrl

CONTENT_SECURITY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    # not `no-referrer`: browsers would send `Origin: null` with our own forms; other sites learn nothing anyway
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_BODILESS: Final = ("GET", "OPTIONS")
LARGEST_FORM: Final = 64 * 1024  # bytes; the longest form is a query and a dozen boxes
LARGEST_PUSH: Final = 4 * 1024 * 1024  # a hub may send the whole feed, of which we read the signature


class Edge:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, public: PublicUrl, trusted: Sequence[Network]) -> None:
        self._app = app
        self._public, self._trusted = public, trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _without_prefix(scope, self._public.prefix)
        _with_client(scope, self._trusted)
        answer = _with_headers(send)
        if scope["method"] == "HEAD":  # an answer without its body, to every page
            scope, answer = {**scope, "method": "GET"}, _without_body(answer)
        refusal = self._refusal(scope)
        if refusal is None and scope["method"] not in _BODILESS and "content-length" not in Headers(scope=scope):
            receive, refusal = await _read_through(receive, _largest(scope))
        await (refusal or self._app)(scope, receive, answer)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        if name := malformed(headers):
            return PlainTextResponse(f"The header {name} cannot be read.", 400)
        if "\0" in scope["path"]:  # no database takes it
            return PlainTextResponse("The address cannot be read.", 400)
        if scope["method"] in _BODILESS:
            return None
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > _largest(scope):
            return _too_large()
        if not _is_leave(scope["path"]) and is_cross_site(headers, self._public.url):
            return PlainTextResponse("This form was sent from another site, so nothing was done.", 403)
        return None


def _without_prefix(scope: Scope, prefix: str) -> None:
    """The address as the routes know it, from a proxy that strips the path of the public address or passes it on.

    In place: an answer to a failure is made outside of this wrapper, of the same scope.
    """
    if not prefix:
        return
    path = scope["path"]
    if path == prefix or path.startswith(f"{prefix}/"):
        scope["path"] = path.removeprefix(prefix) or "/"
        raw = scope.get("raw_path")
        scope["raw_path"] = (raw.removeprefix(prefix.encode()) or b"/") if raw else raw


async def _read_through(receive: Receive, most: int) -> tuple[Receive, ASGIApp | None]:
    """The body of a request that does not say how long it is, and a refusal where it is too long.

    Mail providers that leave lists send such ones, in chunks or without any body.
    """
    body, last = b"", False
    while not last:
        message = await receive()
        if message["type"] != "http.request":
            return receive, PlainTextResponse("The request broke off.", 400)
        body, last = body + message.get("body", b""), not message.get("more_body", False)
        if len(body) > most:
            return receive, _too_large()
    read: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return read.pop() if read else await receive()

    return again, None


def _largest(scope: Scope) -> int:
    return LARGEST_PUSH if scope["path"].startswith("/websub/") else LARGEST_FORM


def _too_large() -> ASGIApp:
    return PlainTextResponse("The request is too large.", 413)


def _with_client(scope: Scope, trusted: Sequence[Network]) -> None:
    """Who asks at last, and how, where a trusted proxy says so."""
    said: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        said.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    host, port = scope.get("client") or ("", 0)
    asked = asked_by(Asked(host, scope["scheme"]), said, trusted)
    scope["client"] = (asked.client, port if asked.client == host else 0)
    scope["scheme"] = asked.scheme


def _is_leave(path: str) -> bool:
    """The one-click target of RFC 8058: mail providers post to it from their own pages; its token is the proof."""
    return languages.of_path(path) is not None and path[3:].startswith("/leave/")


def _with_headers(send: Send) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return answer


def _without_body(send: Send) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return answer
