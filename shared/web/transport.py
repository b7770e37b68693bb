"""An httpx transport whose connections are made by `shared.web.connect`."""

from collections.abc import Iterator
from ssl import SSLContext
from typing import cast

import httpcore
import httpx


class GuardedTransport(httpx.BaseTransport):
    """HTTP/1.1 over connections of `backend`. Errors of httpcore pass as they are."""

    def __init__(self, backend: httpcore.NetworkBackend, tls: SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(ssl_context=tls, network_backend=backend, max_connections=4)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=cast("httpx.SyncByteStream", request.stream),
                extensions=request.extensions,
            )
        )
        body = _Body(cast("httpx.SyncByteStream", answer.stream))
        return httpx.Response(answer.status, headers=answer.headers, stream=body, extensions=answer.extensions)

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._stream.close()
