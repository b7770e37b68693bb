"""Reads a body up to a limit that counts what comes out of the decompression, never more than that in memory."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol

from shared.errors import FetchFailed, Trouble

GZIP: Final = b"\x1f\x8b"
_GZIP_ONLY: Final = 16 + zlib.MAX_WBITS
_COMPRESSIONS: Final = frozenset("gzip x-gzip deflate compress x-compress br zstd dcb dcz".split())
ZLIB_HEAD: Final = 2  # bytes
MARKUP: Final = (b"<", b"{", b"[", b"\xef")  # the last begins a byte order mark
_STEP: Final = 256 * 1024  # bytes that one step of decompression may yield
_WINDOW: Final = 16 * 1024  # packed bytes that one step is given: it copies what it leaves of them


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


def _windows(piece: bytes) -> Iterator[bytes]:
    """`piece` in small parts: a document of many members would else be copied once for each of them."""
    return (piece[start : start + _WINDOW] for start in range(0, len(piece), _WINDOW))


class _Plain:
    whole = True

    def decoded(self, piece: bytes) -> Iterator[bytes]:
        yield piece


class _Gzip:
    """A gzip stream of one or several members, as files that were written in parts have them."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP_ONLY)
        self._between = False  # a member has ended, and another may follow
        self._padding = False  # something else has followed

    @property
    def whole(self) -> bool:
        return self._between

    def decoded(self, piece: bytes) -> Iterator[bytes]:
        for window in _windows(piece):
            yield from self._decoded(window)

    def _decoded(self, piece: bytes) -> Iterator[bytes]:
        while piece and not self._padding:
            if self._between:
                if not piece.startswith(GZIP[:1]):
                    self._padding = True  # readers of gzip ignore it
                    return
                self._member, self._between = zlib.decompressobj(_GZIP_ONLY), False
            yield self._member.decompress(piece, _STEP)
            self._between = self._member.eof
            piece = self._member.unused_data if self._between else self._member.unconsumed_tail


class _Deflate:
    """A zlib stream, as the word means, or the bare one that some servers send under it."""

    def __init__(self) -> None:
        self._head = b""
        self._stream = zlib.decompressobj()
        self._began = False

    @property
    def whole(self) -> bool:
        return self._stream.eof

    def decoded(self, piece: bytes) -> Iterator[bytes]:
        if not self._began:
            self._head += piece
            if len(self._head) < ZLIB_HEAD:
                return
            piece, self._began = self._head, True
            if piece[0] & 0x0F != zlib.DEFLATED or int.from_bytes(piece[:ZLIB_HEAD]) % 31:  # RFC 1950, section 2.2
                self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
        for window in _windows(piece):
            while window and not self._stream.eof:
                yield self._stream.decompress(window, _STEP)
                window = self._stream.unconsumed_tail


class _GzipOrPlain:
    """What is said to be gzip. A proxy that unpacks may leave the word: no stream begins like markup."""

    def __init__(self) -> None:
        self._inner: _Decoder | None = None

    @property
    def whole(self) -> bool:
        return self._inner is not None and self._inner.whole

    def decoded(self, piece: bytes) -> Iterator[bytes]:
        if self._inner is None and piece:
            self._inner = _Plain() if piece.lstrip()[:1] in MARKUP else _Gzip()
        return iter(()) if self._inner is None else self._inner.decoded(piece)


def _decoder(encoding: str, where: str) -> _Decoder:
    """By the Content-Encoding. Words that are no compression (`aws-chunked`, `UTF-8`, `none`) change nothing."""
    named = [name for word in encoding.lower().split(",") if (name := word.strip()) in _COMPRESSIONS]
    match named:
        case []:
            return _Plain()
        case ["gzip" | "x-gzip"]:
            return _GzipOrPlain()
        case ["deflate"]:
            return _Deflate()
        case _:
            raise FetchFailed(
                f"{where}: the body is encoded as {encoding!r}, which was not asked for", Trouble.CONNECT
            )
