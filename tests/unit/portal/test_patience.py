"""Who keeps the portal waiting is let go: heads and bodies that trickle, answers that nobody reads, a crowd.

Raw sockets against a real server. Limits are fractions of a second, and nothing is timed: what has to end ends,
and what must not end is still there when something else has ended.
"""

import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from hypothesis import given
from hypothesis import strategies as st

from services.portal.app import build
from services.portal.patience import Limits, Phase, Seen, is_overdue, seen_again
from services.portal.server import Portal as Service
from tests.pipeline.harness import wait_until
from tests.unit.portal.site import Portal, a_portal

HEAD: Final = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
LONG: Final = 3600.0
NEVER: Final = Limits(idle=LONG, head=LONG, body=LONG, unread=LONG)
SOON: Final = 0.3


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    portal = a_portal(tmp_path, http="127.0.0.1:0")
    yield portal
    portal.bus.close()
    portal.store.close()


@pytest.fixture
def served(portal: Portal) -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def serve(stack: ExitStack, portal: Portal, limits: Limits) -> Service:
    service = build(portal.settings, portal.store, portal.bus, portal.clock, limits)
    service.start()
    stack.callback(service.stop, 10)
    return service


def connect(stack: ExitStack, service: Service, receive: int | None = None) -> socket.socket:
    connection = socket.socket()
    if receive is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    connection.settimeout(20)
    connection.connect(service.address)
    stack.callback(connection.close)
    return connection


def rest(connection: socket.socket) -> bytes:
    """What comes until the other side ends."""
    said = b""
    try:
        while piece := connection.recv(65536):
            said += piece
    except ConnectionResetError:
        pass
    return said


def asked(stack: ExitStack, service: Service, path: bytes = b"/healthz") -> bytes:
    connection = connect(stack, service)
    connection.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    return rest(connection)


def test_a_head_that_never_ends_is_answered_with_408(served: ExitStack, portal: Portal) -> None:
    service = serve(served, portal, Limits(idle=LONG, head=SOON, body=LONG, unread=LONG))
    silent, begun, dripping = (connect(served, service) for _ in range(3))
    begun.sendall(HEAD)
    ended = threading.Event()

    def drip() -> None:
        try:
            while not ended.wait(0.02):
                dripping.sendall(b"X")
        except OSError:
            pass

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        for connection in (begun, dripping, silent):
            assert rest(connection).startswith(b"HTTP/1.1 408 ") or connection is dripping
    finally:
        ended.set()
        thread.join()


def test_a_second_head_on_the_same_connection_has_to_end_too(served: ExitStack, portal: Portal) -> None:
    service = serve(served, portal, Limits(idle=LONG, head=SOON, body=LONG, unread=LONG))
    connection = connect(served, service)
    connection.sendall(HEAD + b"\r\n" + HEAD)
    said = rest(connection)
    assert said.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in said


def test_a_body_that_never_comes_ends_without_a_word_in_the_log(
    served: ExitStack, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    service = serve(served, portal, Limits(idle=LONG, head=LONG, body=SOON, unread=LONG))
    for framing in (b"Content-Length: 50", b"Transfer-Encoding: chunked"):
        connection = connect(served, service)
        kind = b"Content-Type: application/x-www-form-urlencoded\r\n"
        connection.sendall(b"POST /de/subscribe HTTP/1.1\r\nHost: 127.0.0.1\r\n" + kind + framing + b"\r\n\r\n")
        if b"chunked" in framing:
            connection.sendall(b"2\r\nq=\r\n")
        assert b"200 OK" not in rest(connection)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


PIECES: Final = 400  # of 64 KB: more than any kernel keeps for a client that does not read


@dataclass
class Flood:
    """An application whose answer is long, and how much of it was made."""

    given: int = 0

    def app(self) -> FastAPI:
        app = FastAPI()
        app.add_api_route("/", lambda: StreamingResponse(self._pieces()), response_model=None)
        return app

    def _pieces(self) -> Iterator[bytes]:
        for self.given in range(1, PIECES + 1):
            yield b"x" * 65_536


def flooded(stack: ExitStack, limits: Limits) -> tuple[Flood, Service, socket.socket]:
    """A client with a small window in front of an endless answer."""
    flood = Flood()
    service = Service(flood.app(), "127.0.0.1", 0, limits)
    service.start()
    stack.callback(service.stop, 10)
    connection = connect(stack, service, receive=4096)
    connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    return flood, service, connection


def test_an_answer_that_nobody_reads_is_given_up(served: ExitStack) -> None:
    flood, service, connection = flooded(served, Limits(idle=LONG, head=LONG, body=LONG, unread=SOON))
    wait_until(lambda: flood.given and not open_connections(service, connection), 20, "the end of the connection")
    assert not rest(connection).endswith(b"0\r\n\r\n"), "it was cut"
    assert flood.given < PIECES, "nor was it made"


def test_an_answer_that_is_read_slowly_comes_whole(served: ExitStack) -> None:
    flood, _, connection = flooded(served, Limits(idle=SOON, head=LONG, body=LONG, unread=10.0))
    said = 0
    while piece := connection.recv(32_768):
        said += len(piece)
    assert said > PIECES * 65_536
    assert flood.given == PIECES


def test_who_waits_longest_makes_room_for_who_comes(
    served: ExitStack, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    limits = Limits(idle=LONG, head=LONG, body=LONG, unread=LONG, connections=8)
    service = serve(served, portal, limits)
    idlers = [connect(served, service) for _ in range(8)]
    for idler in idlers:
        idler.sendall(HEAD)
    wait_until(lambda: asked(served, service).startswith(b"HTTP/1.1 200 "), 20, "the heads to be read")
    for _ in range(3):
        assert asked(served, service).startswith(b"HTTP/1.1 200 ")
    assert rest(idlers[0]) == b""
    idlers[-1].sendall(b"\r\n")
    assert idlers[-1].recv(100).startswith(b"HTTP/1.1 200 "), "the youngest is still there"
    said = [record for record in caplog.records if record.getMessage() == "too many connections"]
    assert len(said) == 1, "once a minute at most"


def test_who_has_asked_and_was_not_heard_yet_does_not_make_room(served: ExitStack) -> None:
    """In a crowd that comes at once the oldest may have asked already: the loop takes them in, then reads."""
    crowd_is_there, app, blocked = threading.Event(), FastAPI(), threading.Event()

    async def block() -> str:  # the loop itself
        blocked.set()
        return str(crowd_is_there.wait(20))

    app.add_api_route("/block", block)
    app.add_api_route("/", lambda: "ok")
    service = Service(app, "127.0.0.1", 0, Limits(idle=LONG, head=LONG, body=LONG, unread=LONG, connections=8))
    service.start()
    served.callback(service.stop, 10)
    served.callback(crowd_is_there.set)
    connect(served, service).sendall(b"GET /block HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert blocked.wait(20)
    reader = connect(served, service)
    reader.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    for _ in range(40):
        connect(served, service)
    crowd_is_there.set()
    assert rest(reader).startswith(b"HTTP/1.1 200 ")


def test_where_everybody_waits_for_an_answer_who_comes_is_told_so(served: ExitStack) -> None:
    ending, app, made = threading.Event(), FastAPI(), threading.Semaphore(0)

    def page() -> str:
        made.release()
        return str(ending.wait(20))

    app.add_api_route("/", page)
    service = Service(app, "127.0.0.1", 0, Limits(idle=LONG, head=LONG, body=LONG, unread=LONG, connections=8))
    service.start()
    served.callback(service.stop, 10)
    served.callback(ending.set)
    waiting = [connect(served, service) for _ in range(8)]
    for one in waiting:
        one.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert all(made.acquire(timeout=20) for _ in waiting)
    refused = asked(served, service, b"/")
    assert refused.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 5" in refused
    ending.set()
    assert [one.recv(100)[:13] for one in waiting] == [b"HTTP/1.1 200 "] * 8


def test_a_flood_leaves_files_to_the_pipeline(served: ExitStack, portal: Portal) -> None:
    service = serve(served, portal, Limits(idle=LONG, head=LONG, body=LONG, unread=LONG, connections=20))
    flood = [connect(served, service) for _ in range(150)]
    assert asked(served, service).startswith(b"HTTP/1.1 200 ")
    wait_until(lambda: open_connections(service, *flood) <= 20, 20, "the others to be let go")


def open_connections(service: Service, *ours: socket.socket) -> int:
    """How many of our sockets the service still has, by the kernel's own table."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    place = f"0100007F:{service.address[1]:04X}"
    theirs = {row[2] for row in rows if row[1] == place and row[3] == "01"}
    return len(theirs & {f"0100007F:{one.getsockname()[1]:04X}" for one in ours})


@pytest.mark.parametrize(("files", "most"), [(1024, 200), (256, 64), (20, 8), (1_000_000, 200)])
def test_connections_are_bounded_well_under_the_files_of_the_process(files: int, most: int) -> None:
    assert Limits().within(files).connections == most
    assert Limits().within(resource.getrlimit(resource.RLIMIT_NOFILE)[0]).connections <= 200


def test_the_limits_are_those_of_people_and_proxies() -> None:
    limits = Limits()
    assert (limits.idle, limits.head, limits.body, limits.unread) == (5.0, 10.0, 20.0, 30.0)
    assert limits.of(Phase.ANSWER) is None, "a page takes the time that it takes"


def test_a_reader_that_takes_a_byte_now_and_then_makes_no_progress() -> None:
    limits, seen = Limits(), Seen(Phase.UNREAD, 0.0, 100_000, 100_000)
    for second in range(31):
        seen = seen_again(seen, Phase.UNREAD, 100_000 - second, float(second), limits)
    assert is_overdue(seen, 30.5, limits)


@given(st.integers(min_value=8192, max_value=65536))
def test_one_that_reads_is_never_overdue(bite: int) -> None:
    limits, seen, unread = Limits(), Seen(Phase.UNREAD, 0.0, 1 << 30, 1 << 30), 1 << 30
    for turn in range(1, 100):
        unread -= bite
        seen = seen_again(seen, Phase.UNREAD, unread, turn * 29.0, limits)
        assert not is_overdue(seen, turn * 29.0, limits)


@given(st.sampled_from([Phase.IDLE, Phase.HEAD, Phase.BODY]), st.lists(st.floats(0, 100), min_size=1))
def test_a_phase_has_one_time_limit_however_often_one_looks(phase: Phase, looks: list[float]) -> None:
    limits, seen = Limits(), Seen(phase, 0.0)
    for moment in sorted(looks):
        seen = seen_again(seen, phase, 0, moment, limits)
    assert seen.since == 0.0
    assert is_overdue(seen, max(looks), limits) == (max(looks) > (limits.of(phase) or 0))
