"""Many publishers on loopback, each at an address of its own, that answer after a pause: a server of its own.

python benchmarks/common/publishers.py --feeds 200 --items 20 --latency 0.12

Prints its port. The feed of number N is at the address `place(N)`. `POST /change/50` gives the first fifty feeds
one more item. The pause before the first byte follows a log-normal law around the median, drawn for every answer
of every publisher anew, by `--draw`: whoever asks them, in whatever order, waits for the same.
"""

# ruff: noqa: T201 - the parent reads the port

import asyncio
import math
import random
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[1]))

from common.documents import document

SPREAD: Final = 0.5  # of the logarithm: one answer in a hundred takes three times the median
FEED: Final = "/feed.xml"


def place(number: int, port: int) -> str:
    """The site of one publisher. Linux answers for all of 127.0.0.0/8."""
    return f"http://127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}:{port}"


class Publishers:
    """What is served; made at the first request and kept, so that both that are compared get it as fast."""

    def __init__(self, feeds: int, items: int, latency: float, draw: int) -> None:
        self._feeds, self._items, self._latency, self._draw = feeds, items, latency, draw
        self._asked: Counter[str] = Counter()
        self._changes: Counter[int] = Counter()
        self._kept: dict[int, tuple[str, bytes]] = {}
        self.port = 0

    def prepare(self) -> None:
        for number in range(self._feeds):
            self._make(number)

    async def serve(self) -> None:
        # every address of the loopback network; nobody else is answered
        server = await asyncio.start_server(self._talk, "0.0.0.0", 0, backlog=1000)
        self.port = server.sockets[0].getsockname()[1]
        self.prepare()
        print(self.port, flush=True)
        async with server:
            await server.serve_forever()

    def _make(self, number: int) -> None:
        body = document(place(number, self.port), number, self._items, self._changes[number])
        self._kept[number] = (f'"{sha256(body).hexdigest()[:16]}"', body)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if not writer.get_extra_info("peername")[0].startswith("127."):
                return
            while head := await reader.readuntil(b"\r\n\r\n"):
                request, *lines = head.decode("latin-1").split("\r\n")
                headers = {
                    name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
                }
                writer.write(await self._answer(writer, request.split(" "), headers))
                await writer.drain()
                if headers.get("connection", "").lower() == "close":
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, request: list[str], headers: Mapping[str, str]) -> bytes:
        method, path = request[0], request[1]
        if method == "POST":
            for number in range(int(path.rpartition("/")[2])):
                self._changes[number] += 1
                self._make(number)
            return _head("204 No Content", {})
        address = writer.get_extra_info("sockname")[0]
        await asyncio.sleep(self._pause(f"{address}{path}"))
        if path != FEED:
            return _head("404 Not Found", {}) + b""
        _, high, middle, low = map(int, address.split("."))
        tag, body = self._kept[(high - 1) * 62_500 + middle * 250 + low - 1]
        if headers.get("if-none-match") == tag:
            return _head("304 Not Modified", {"ETag": tag})
        return _head("200 OK", {"ETag": tag, "Content-Type": "application/rss+xml"}, len(body)) + body

    def _pause(self, what: str) -> float:
        self._asked[what] += 1
        chance = random.Random(f"{self._draw} {what} {self._asked[what]}")
        return self._latency * math.exp(chance.gauss(0, SPREAD))


def _head(status: str, headers: Mapping[str, str], length: int = 0) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
    if not status.startswith(("204", "304")):
        lines.append(f"Content-Length: {length}")
    return "\r\n".join((*lines, "", "")).encode("latin-1")


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--items", type=int, default=20)
    parser.add_argument("--latency", type=float, default=0.12, help="seconds, median")
    parser.add_argument("--draw", type=int, default=1, help="another number, other pauses")
    args = parser.parse_args()
    asyncio.run(Publishers(args.feeds, args.items, args.latency, args.draw).serve())


if __name__ == "__main__":
    main()
