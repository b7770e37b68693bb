"""The door to the network: every connection is checked where it is made, and has a deadline for all of its bytes.

The name is resolved here, its addresses are checked here, and the connection goes to the checked address: a name
that resolves differently a moment later (DNS rebinding) gains nothing. It holds on every hop of a redirect.
"""

import re
import socket
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from queue import Empty, Queue
from ssl import SSLContext
from threading import Thread
from typing import Any, Final

import httpcore

from shared.errors import FetchFailed, Trouble
from shared.web.addresses import Address, Network, is_allowed, is_public, parse_address
from shared.web.pace import HostPace

CONNECT_TIMEOUT: Final = 10.0  # seconds for one address
TRIES: Final = 3  # addresses of one name that are tried

SocketOptions = Iterable[Any]


class Deadline:
    """The end of one fetch, redirects and body included. Waiting for a host's turn does not count.

    `patience` is how long the fetch may wait for such a turn, in seconds; None is as long as it takes.
    """

    def __init__(self, seconds: float, patience: float | None = None) -> None:
        self.seconds, self.patience = seconds, patience
        self._end = time.monotonic() + seconds

    def extend(self, seconds: float) -> None:
        self._end += seconds

    def left(self, timeout: float | None = None) -> float:
        """Seconds left, at most `timeout`. Raises FetchFailed when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise FetchFailed(
                f"the server was too slow: no complete answer in {self.seconds:.0f} s", Trouble.TIMEOUT
            )
        return left if timeout is None else min(left, timeout)


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to public addresses and those in `allowed`, at each host's pace, within the deadline."""

    def __init__(self, allowed: Sequence[Network], pace: HostPace, deadline: Deadline) -> None:
        self._allowed, self._pace, self._deadline = allowed, pace, deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self.permitted(host, port)
        if not any(is_allowed(address, self._allowed) for address in addresses):
            self._deadline.extend(self._pace.wait(host, self._deadline.patience))
        try:
            return _connected(addresses, port, self._deadline, timeout, local_address, socket_options)
        except httpcore.NetworkError as failure:
            raise FetchFailed(
                f"no connection to {host} port {port}: {_said(failure)}", Trouble.CONNECT
            ) from failure

    def permitted(self, host: str, port: int) -> Sequence[Address]:
        """The addresses of `host` that may be connected to. Raises FetchFailed where there is none."""
        addresses = resolve(host, port, self._deadline.left())
        permitted = [a for a in addresses if is_public(a) or is_allowed(a, self._allowed)]
        if not permitted:
            raise FetchFailed(
                f"{host} is at {addresses[0]}, which is no public address; VIGIE_ALLOWED_NETWORKS can allow it",
                Trouble.REFUSED,
            )
        return permitted


class ProxyBackend(httpcore.NetworkBackend):
    """Connects to the operator's proxy, wherever that is: `shared.web.outgoing.Gate` has decided before."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = resolve(host, port, self._deadline.left())
            return _connected(addresses, port, self._deadline, timeout, local_address, socket_options)
        except (FetchFailed, httpcore.NetworkError) as failure:
            raise FetchFailed(
                f"no connection to the proxy {host} port {port} (VIGIE_PROXY_URL): {_said(failure)}",
                Trouble.CONNECT,
            ) from failure


def _connected(
    addresses: Sequence[Address],
    port: int,
    deadline: Deadline,
    timeout: float | None,
    local_address: str | None,
    socket_options: SocketOptions | None,
) -> httpcore.NetworkStream:
    """A connection to the first address that answers. Raises httpcore.ConnectError when none does."""
    failure: Exception | None = None
    for address in addresses[:TRIES]:
        limit = deadline.left(min(timeout or CONNECT_TIMEOUT, CONNECT_TIMEOUT))
        try:
            stream = httpcore.SyncBackend().connect_tcp(str(address), port, limit, local_address, socket_options)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            failure = error
        else:
            return _TimedStream(stream, deadline)
    raise httpcore.ConnectError(str(failure)) from failure


def resolve(host: str, port: int, timeout: float) -> Sequence[Address]:
    """The addresses of `host`, each once. In a thread of its own: the system's resolver knows no time-out."""
    with suppress(ValueError):
        return (parse_address(host),)  # it is one itself
    answer: Queue[Sequence[Any] | OSError | UnicodeError] = Queue(1)

    def ask() -> None:
        try:
            answer.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answer.put(error)

    Thread(target=ask, name=f"resolve {host}", daemon=True).start()
    try:
        found = answer.get(timeout=timeout)
    except Empty:
        raise FetchFailed(f"the name {host} was not resolved in {timeout:.0f} s", Trouble.DNS) from None
    if isinstance(found, Exception):
        raise FetchFailed(f"there is no host {host}: {found}", Trouble.DNS) from found
    return tuple(dict.fromkeys(parse_address(info[4][0].partition("%")[0]) for info in found))


class _TimedStream(httpcore.NetworkStream):
    """A stream whose reads and writes all end at the deadline: a byte a second keeps no connection alive."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _said(failure: Exception) -> str:
    """What failed, without the number that the system gives it."""
    return re.sub(r"\[Errno -?\d+\] ", "", str(failure))
