"""The way through the operator's proxy for bytes that another program speaks: a socket, or a tunnel to a host."""

import socket
from base64 import b64encode
from typing import Final

from shared.errors import FetchFailed, Trouble
from shared.web.connect import Deadline, ProxyBackend
from shared.web.outgoing import Outgoing
from shared.web.transport import refused_by_proxy

LONGEST_HEAD: Final = 16_384  # bytes of the proxy's answer


def to_proxy(out: Outgoing, deadline: Deadline) -> socket.socket:
    """A connection to the proxy itself. Raises FetchFailed."""
    assert out.proxy is not None  # asked before
    stream = ProxyBackend(deadline).connect_tcp(out.proxy.host, out.proxy.port)
    if out.proxy_tls is not None:
        stream = stream.start_tls(out.proxy_tls, out.proxy.host)
    connection: socket.socket = stream.get_extra_info("socket")
    connection.settimeout(deadline.left())
    return connection


def login(out: Outgoing) -> tuple[str, ...]:
    """The header that lets us in, where the proxy wants one."""
    if out.proxy_login is None:
        return ()
    return (f"Proxy-Authorization: Basic {b64encode(b':'.join(out.proxy_login)).decode()}",)


def tunnel(out: Outgoing, host: str, port: int, deadline: Deadline) -> socket.socket:
    """A connection through the proxy to a host. Raises FetchFailed for what the proxy refuses."""
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    connection = to_proxy(out, deadline)
    try:
        lines = (f"CONNECT {place} HTTP/1.1", f"Host: {place}", *login(out), "", "")
        connection.sendall("\r\n".join(lines).encode("latin-1"))
        status = _head(connection).partition(b"\r\n")[0].decode("latin-1").partition(" ")[2]
        if not status.startswith("2"):
            raise refused_by_proxy(out, status or "nothing")
    except BaseException:
        connection.close()
        raise
    return connection


def _head(connection: socket.socket) -> bytes:
    """The proxy's answer, byte by byte: what follows it is not ours."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = connection.recv(1)
        if not piece or len(head) >= LONGEST_HEAD:
            raise FetchFailed("the proxy of VIGIE_PROXY_URL hung up in the middle of its answer", Trouble.CONNECT)
        head += piece
    return head
