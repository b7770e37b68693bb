"""uvicorn's HTTP protocol with an end to patience: time limits, and a bound on connections.

uvicorn itself limits the time between two requests alone. It would wait for ever for the rest of a head or a body,
and for a client to read, and would take connections until the process has no file left for anything else.
"""

import asyncio
import logging
import select
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from services.portal.patience import Limits, Phase, Seen, is_overdue, seen_again

log = logging.getLogger(__name__)

LATE: Final = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
FULL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)
SAID_EVERY: Final = 60.0  # seconds between two lines in the log about too many connections


class Patient(H11Protocol):
    """One connection. A class of its own for each server, by `patient`: uvicorn makes the instances."""

    limits: Limits
    said = float("-inf")  # of the server: when it last complained

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._seen = Seen(Phase.HEAD, self.loop.time())
        self._asks = True  # a request has begun to come in, or was never awaited before
        self._next_look: asyncio.TimerHandle | None = None
        self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections and not self._make_room():
            self._refused = True
            if len(self.connections) > self.limits.crowd:
                transport.write(FULL)
                transport.close()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._next_look is not None:
            self._next_look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:  # now, and not before: who is hung up on while writing does not read why
            self.transport.write(FULL)
            self.transport.close()
            return
        super().data_received(data)
        self._asks = True
        self._see()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._asks = bool(self.conn.trailing_data[0])
        self._see()

    def _look(self) -> None:
        """Again and again, as long as the connection is there."""
        self._see()
        if is_overdue(self._seen, self.loop.time(), self.limits):
            self._give_up()
            return
        limits = self.limits
        every = min(1.0, limits.idle / 4, limits.head / 4, limits.body / 4, limits.unread / 4)
        self._next_look = self.loop.call_later(every, self._look)

    def _see(self) -> None:
        unread = self.transport.get_write_buffer_size()
        self._seen = seen_again(self._seen, self._phase(unread), unread, self.loop.time(), self.limits)

    def _phase(self, unread: int) -> Phase:
        if self.cycle is not None and not self.cycle.response_complete:
            if self.flow.write_paused:
                return Phase.UNREAD
            return Phase.BODY if self.cycle.more_body and not self.cycle.response_started else Phase.ANSWER
        if unread:
            return Phase.UNREAD
        return Phase.HEAD if self._asks else Phase.IDLE

    def _give_up(self) -> None:
        if self._seen.phase is Phase.HEAD and not self.transport.is_closing():
            self.transport.write(LATE)
            self.transport.close()
        else:
            self.transport.abort()

    def _make_room(self) -> bool:
        """Let go whoever has kept us waiting longest; false when we keep all of them waiting."""
        others = [one for one in self.connections if one is not self and isinstance(one, Patient)]
        waiting = [one for one in others if one._seen.phase is not Phase.ANSWER]
        now, ours = self.loop.time(), type(self)
        if now - ours.said > SAID_EVERY:
            ours.said = now
            log.warning("too many connections", extra={"most": self.limits.connections, "waiting": len(waiting)})
        waiting.sort(key=lambda one: (one._seen.phase, one._seen.since))
        # of a crowd that comes at once many have asked, and we have not read it yet
        last = next((one for one in waiting if not one._has_written()), None)
        if last is None:
            return False
        self.connections.discard(last)  # its end is told a moment later, and others may come before
        last.transport.abort()
        return True

    def _has_written(self) -> bool:
        """Whether something lies there that we have not read yet."""
        held = self.transport.get_extra_info("socket")
        if held is None or held.fileno() < 0:
            return False
        looking = select.poll()
        looking.register(held.fileno(), select.POLLIN)
        return bool(looking.poll(0))


def patient(limits: Limits) -> type[Patient]:
    """The protocol of one server."""
    return type("PatientProtocol", (Patient,), {"limits": limits, "said": float("-inf")})
