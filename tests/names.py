"""A name server on loopback that knows what it is told, for what asks the DNS."""

import socket
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer:
    """`records` are `name TYPE` -> what stands there, as in a zone file. Whoever is not known does not exist."""

    def __init__(self, records: Mapping[str, Sequence[str]], *, silent: bool = False) -> None:
        self._records = {key.lower(): tuple(values) for key, values in records.items()}
        self._silent = silent
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def _serve(self) -> None:
        while True:
            raw, peer = self._socket.recvfrom(4096)
            if raw == b"end":
                return
            query = dns.message.from_wire(raw)
            (question,) = query.question
            name, kind = question.name.to_text().rstrip(".").lower(), dns.rdatatype.to_text(question.rdtype)
            self.asked.append(f"{name} {kind}")
            if not self._silent:
                self._socket.sendto(self._answer(query, name, kind), peer)

    def _answer(self, query: dns.message.Message, name: str, kind: str) -> bytes:
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if values := self._records.get(f"{name} {kind.lower()}"):
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *values))
        elif not any(key.split()[0] == name for key in self._records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._socket.sendto(b"end", self._socket.getsockname())
        self._thread.join()
        self._socket.close()


def text(record: str) -> str:
    """A TXT record in pieces, as long ones stand in a zone."""
    return " ".join(f'"{record[at : at + 200]}"' for at in range(0, len(record), 200))
