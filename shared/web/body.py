"""Reads a body up to a limit that counts what comes out of the decompression, never more than that in memory."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol

from shared.errors import FetchFailed, Trouble

GZIP: Final = b"\x1f\x8b"
_GZIP_ONLY: Final = 16 + zlib.MAX_WBITS
_COMPRESSIONS: Final = frozenset("gzip x-gzip deflate compress x-compress br zstd dcb dcz".split())
_STEP: Final = 256 * 1024  # bytes that one step of decompression may yield


def read_body(
    pieces: Iterable[bytes],
    encoding: str,
    limit: int,
    where: str,
    *,
    cut: bool = False,
    grown: tuple[int, Callable[[], None]] | None = None,
) -> bytes:
    """The decoded body. Raises FetchFailed for more than `limit` bytes, unknown encodings and broken streams.

    With `cut` what comes after `limit` bytes is left unread. `grown` is called where it becomes larger than so
    many bytes, before more of it is read.
    """
    decoder = _decoder(encoding, where)
    body = bytearray()
    try:
        for piece in pieces:
            for decoded in decoder.decoded(piece):
                if grown and len(body) <= grown[0] < len(body) + len(decoded):
                    grown[1]()
                body += decoded
                if len(body) > limit and cut:
                    return bytes(body[:limit])
                if len(body) > limit:
                    raise too_large(limit, where)
        if not decoder.whole:
            raise FetchFailed(f"{where}: the compressed body ends too early", Trouble.CONNECT)
    except zlib.error as error:
        raise FetchFailed(f"{where}: the body is not valid {encoding}: {error}", Trouble.CONNECT) from error
    return bytes(body)


def unpacked(body: bytes, limit: int, where: str) -> bytes:
    """`body`, or what is inside when it is a gzip file (a sitemap's `.xml.gz`)."""
    return read_body((body,), "gzip", limit, where) if body.startswith(GZIP) else body


def too_large(limit: int, where: str) -> FetchFailed:
    return FetchFailed(f"{where}: the document is larger than {limit / 1e6:g} MB", Trouble.TOO_LARGE)


class _Decoder(Protocol):
    @property
    def whole(self) -> bool:
        """Whether the stream may end here."""
        ...

    def decoded(self, piece: bytes) -> Iterator[bytes]:
        """What is inside of `piece`, in steps."""
        ...


class _Plain:
    whole = True

    def decoded(self, piece: bytes) -> Iterator[bytes]:
        yield piece


class _Gzip:
    """A gzip stream of one or several members, as files that were written in parts have them."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP_ONLY)
        self._between = False  # a member has ended, and another may follow

    @property
    def whole(self) -> bool:
        return self._between

    def decoded(self, piece: bytes) -> Iterator[bytes]:
        while piece:
            if self._between:
                if not piece.startswith(GZIP[:1]):
                    return  # padding, which readers of gzip ignore
                self._member, self._between = zlib.decompressobj(_GZIP_ONLY), False
            yield self._member.decompress(piece, _STEP)
            self._between = self._member.eof
            piece = self._member.unused_data if self._between else self._member.unconsumed_tail


def _decoder(encoding: str, where: str) -> _Decoder:
    """By the Content-Encoding. Words that are no compression (`aws-chunked`, `UTF-8`, `none`) change nothing."""
    named = [name for word in encoding.lower().split(",") if (name := word.strip()) in _COMPRESSIONS]
    match named:
        case []:
            return _Plain()
        case ["gzip" | "x-gzip"]:
            return _Gzip()
        case _:
            raise FetchFailed(
                f"{where}: the body is encoded as {encoding!r}, which was not asked for", Trouble.CONNECT
            )
