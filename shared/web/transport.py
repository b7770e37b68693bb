"""An httpx transport whose connections are made by `shared.web.connect`."""

from collections.abc import Iterator
from typing import Final, cast

import httpcore
import httpx

from shared.errors import FetchFailed, Trouble
from shared.web.connect import Deadline, GuardedBackend, ProxyBackend
from shared.web.outgoing import Gate, Outgoing
from shared.web.pace import HostPace

MOST: Final = 4  # connections of one fetch


class GuardedTransport(httpx.BaseTransport):
    """HTTP/1.1, straight or through the proxy. Errors of httpcore pass as they are, but those of the proxy."""

    def __init__(self, out: Outgoing, pace: HostPace, deadline: Deadline) -> None:
        self._gate, self._out = Gate(out, pace, deadline), out
        self._backend = GuardedBackend(out.allowed, pace, deadline)
        self._direct = httpcore.ConnectionPool(
            ssl_context=out.tls, network_backend=self._backend, max_connections=MOST
        )
        self._proxied = out.proxy and httpcore.HTTPProxy(
            out.proxy_url,
            proxy_auth=out.proxy_login,
            ssl_context=out.tls,
            proxy_ssl_context=out.proxy_tls,
            network_backend=ProxyBackend(deadline),
            max_connections=MOST,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        pool = self._direct
        if self._proxied and self._gate.through_proxy(url.host, url.port or 443):
            pool = self._proxied
        try:
            answer = pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                    headers=request.headers.raw,
                    content=cast("httpx.SyncByteStream", request.stream),
                    extensions=request.extensions,
                )
            )
        except httpcore.ProxyError as error:
            raise refused_by_proxy(self._out, str(error)) from error
        if pool is self._proxied and answer.status == httpx.codes.PROXY_AUTHENTICATION_REQUIRED:
            raise refused_by_proxy(self._out, "407 Proxy Authentication Required")
        body = _Body(cast("httpx.SyncByteStream", answer.stream))
        return httpx.Response(answer.status, headers=answer.headers, stream=body, extensions=answer.extensions)

    def look(self, url: httpx.URL) -> None:
        """Raises FetchFailed where a request to `url` would not leave."""
        port = url.port or (443 if url.scheme == "https" else 80)
        if not (self._proxied and self._gate.through_proxy(url.host, port)):
            self._backend.permitted(url.host, port)

    def close(self) -> None:
        self._direct.close()
        if self._proxied:
            self._proxied.close()


def refused_by_proxy(out: Outgoing, said: str) -> FetchFailed:
    """The proxy's own word is about us, or about the way: the publisher has not been asked."""
    hint = " Check user and password in VIGIE_PROXY_URL." if said.startswith("407") else ""
    return FetchFailed(f"the proxy {out.proxy_url} answered {said.strip()}.{hint}", Trouble.CONNECT)


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._stream.close()
