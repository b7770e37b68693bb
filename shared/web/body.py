"""Reads a body up to a limit that counts what comes out of the decompression, never more than that in memory."""

import zlib
from collections.abc import Iterable
from typing import Final, Protocol

from shared.errors import FetchFailed, Trouble

GZIP: Final = b"\x1f\x8b"
_STEP: Final = 256 * 1024  # bytes that one step of decompression may yield


def read_body(pieces: Iterable[bytes], encoding: str, limit: int, where: str) -> bytes:
    """The decoded body. Raises FetchFailed for more than `limit` bytes, unknown encodings and broken streams."""
    decoder = _decoder(encoding.strip().lower(), where)
    body = bytearray()
    try:
        for piece in pieces:
            _add(body, decoder, piece, limit, where)
        if not decoder.eof:
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
    def eof(self) -> bool: ...

    @property
    def unconsumed_tail(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


class _Identity:
    eof = True
    unconsumed_tail = b""

    def decompress(self, data: bytes, _max_length: int = 0, /) -> bytes:
        return data


def _decoder(encoding: str, where: str) -> _Decoder:
    match encoding:
        case "" | "identity":
            return _Identity()
        case "gzip" | "x-gzip":
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        case _:
            raise FetchFailed(
                f"{where}: the body is encoded as {encoding!r}, which was not asked for", Trouble.CONNECT
            )


def _add(body: bytearray, decoder: _Decoder, piece: bytes, limit: int, where: str) -> None:
    while piece:
        body += decoder.decompress(piece, _STEP)
        if len(body) > limit:
            raise too_large(limit, where)
        piece = decoder.unconsumed_tail
