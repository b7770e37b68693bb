"""The web client's policy for the model hub's library, which speaks through httpx2 and not through httpx.

Public addresses and those of `VIGIE_ALLOWED_NETWORKS` only, checked where each connection is made, on every
redirect; no proxies from the environment; time limits for every read and for the whole.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ssl import SSLContext
from typing import Any, Final, cast

import httpcore
import httpcore2
import httpx
import httpx2

from shared.config import Settings
from shared.errors import FetchFailed
from shared.web.connect import Deadline, GuardedBackend
from shared.web.headers import user_agent
from shared.web.pace import HostPace

READ_TIMEOUT: Final = 30.0  # seconds without a byte
DEADLINE: Final = 4 * 3600.0  # seconds for a whole model
NETWORK_ERRORS: Final = (httpx2.HTTPError, httpx2.InvalidURL)


def guarded_client(settings: Settings) -> httpx2.Client:
    """A client that reaches what feeds may reach. Its errors are httpx2's; a refusal is their cause."""
    transport = _Transport(settings, httpx.create_ssl_context(trust_env=False))
    return httpx2.Client(
        transport=transport,
        trust_env=False,
        follow_redirects=True,
        timeout=READ_TIMEOUT,
        headers={"User-Agent": user_agent(settings)},
    )


class _Transport(httpx2.BaseTransport):
    def __init__(self, settings: Settings, tls: SSLContext) -> None:
        guarded = GuardedBackend(settings.allowed_networks, HostPace(0.0), Deadline(DEADLINE))
        self._pool = httpcore2.ConnectionPool(
            ssl_context=tls, network_backend=_Backend(guarded), max_connections=4
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        with _in_their_words():
            answer = self._pool.handle_request(
                httpcore2.Request(
                    method=request.method,
                    url=httpcore2.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=request.headers.raw,
                    content=cast("httpx2.SyncByteStream", request.stream),
                    extensions=request.extensions,
                )
            )
        body = _Body(cast("httpx2.SyncByteStream", answer.stream))
        return httpx2.Response(answer.status, headers=answer.headers, stream=body, extensions=answer.extensions)

    def close(self) -> None:
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, stream: httpx2.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with _in_their_words():
            yield from self._stream

    def close(self) -> None:
        self._stream.close()


class _Backend(httpcore2.NetworkBackend):
    """Our guarded connections; the two libraries' streams have the same methods."""

    def __init__(self, guarded: GuardedBackend) -> None:
        self._guarded = guarded

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        stream = self._guarded.connect_tcp(host, port, timeout, local_address, socket_options)
        return cast("httpcore2.NetworkStream", stream)


@contextmanager
def _in_their_words() -> Iterator[None]:
    """The hub's library falls back on its cache, or tries again, for errors that it knows."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore2.TimeoutException) as error:
        raise httpx2.ReadTimeout(str(error) or "no answer in time") from error
    except FetchFailed as error:
        raise httpx2.ConnectError(str(error)) from error
    except (httpcore.NetworkError, httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
        raise httpx2.NetworkError(str(error) or "the connection broke") from error
