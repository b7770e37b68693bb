"""The web client's policy for the model hub's library, which speaks through httpx2 and not through httpx.

Public addresses and those of `VIGIE_ALLOWED_NETWORKS` only, checked where each connection is made, on every
redirect; the proxy of VIGIE_PROXY_URL and none from the environment; time limits for every read and for the whole.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

import httpcore
import httpcore2
import httpx2

from shared.config import Settings
from shared.errors import FetchFailed
from shared.web.connect import Deadline, GuardedBackend, ProxyBackend
from shared.web.headers import user_agent
from shared.web.outgoing import Gate, Outgoing, outgoing
from shared.web.pace import HostPace
from shared.web.transport import MOST, refused_by_proxy

READ_TIMEOUT: Final = 30.0  # seconds without a byte
DEADLINE: Final = 4 * 3600.0  # seconds for a whole model
NETWORK_ERRORS: Final = (httpx2.HTTPError, httpx2.InvalidURL)


def guarded_client(settings: Settings) -> httpx2.Client:
    """A client that reaches what feeds may reach. Its errors are httpx2's; a refusal is their cause."""
    return httpx2.Client(
        transport=_Transport(outgoing(settings)),
        trust_env=False,
        follow_redirects=True,
        timeout=READ_TIMEOUT,
        headers={"User-Agent": user_agent(settings)},
    )


class _Transport(httpx2.BaseTransport):
    def __init__(self, out: Outgoing) -> None:
        pace, deadline = HostPace(0.0), Deadline(DEADLINE)
        self._gate, self._out = Gate(out, pace, deadline), out
        self._direct = httpcore2.ConnectionPool(
            ssl_context=out.tls,
            network_backend=_Backend(GuardedBackend(out.allowed, pace, deadline)),
            max_connections=MOST,
        )
        self._proxied = out.proxy and httpcore2.HTTPProxy(
            out.proxy_url,
            proxy_auth=out.proxy_login,
            ssl_context=out.tls,
            proxy_ssl_context=out.proxy_tls,
            network_backend=_Backend(ProxyBackend(deadline)),
            max_connections=MOST,
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        with _in_their_words(self._out):
            pool = self._direct
            if self._proxied and self._gate.through_proxy(url.host, url.port or 443):
                pool = self._proxied
            answer = pool.handle_request(
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
            if pool is self._proxied and answer.status == httpx2.codes.PROXY_AUTHENTICATION_REQUIRED:
                raise refused_by_proxy(self._out, "407 Proxy Authentication Required")
        body = _Body(cast("httpx2.SyncByteStream", answer.stream), self._out)
        return httpx2.Response(answer.status, headers=answer.headers, stream=body, extensions=answer.extensions)

    def close(self) -> None:
        self._direct.close()
        if self._proxied:
            self._proxied.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, stream: httpx2.SyncByteStream, out: Outgoing) -> None:
        self._stream, self._out = stream, out

    def __iter__(self) -> Iterator[bytes]:
        with _in_their_words(self._out):
            yield from self._stream

    def close(self) -> None:
        self._stream.close()


class _Backend(httpcore2.NetworkBackend):
    """Our guarded connections; the two libraries' streams have the same methods."""

    def __init__(self, guarded: GuardedBackend | ProxyBackend) -> None:
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
def _in_their_words(out: Outgoing) -> Iterator[None]:
    """The hub's library falls back on its cache, or tries again, for errors that it knows."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore2.TimeoutException) as error:
        raise httpx2.ReadTimeout(str(error) or "no answer in time") from error
    except FetchFailed as error:
        raise httpx2.ConnectError(str(error)) from error
    except httpcore2.ProxyError as error:
        raise httpx2.ConnectError(str(refused_by_proxy(out, str(error)))) from error
    except (httpcore.NetworkError, httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
        raise httpx2.NetworkError(str(error) or "the connection broke") from error
