"""Long texts are kept packed in an embedded database that says so of itself: in half the room.

SQLite keeps a text as it is, and of items of usual length two fill a page; PostgreSQL packs long values by itself.
A program from before cannot read a packed text, so a file packs if this version made it, or because its operator
wants it (`shared.archive.packing`). Its `application_id` is what says it.
"""

import zlib
from contextvars import ContextVar
from typing import Any, Final

from sqlalchemy import Connection, Dialect, Text
from sqlalchemy.types import TypeDecorator

PACKS: Final = 0x56675061  # "VgPa"
PLAIN: Final = 0
LEAST: Final = 200  # characters; what is shorter gains nothing
_LEVEL: Final = 6

_packs: Final[ContextVar[bool]] = ContextVar(
    "packs", default=False
)  # what this thread writes: a type knows no session


def packed(text: str) -> str | bytes:
    """The text in less room, itself where there is nothing to gain."""
    if len(text) < LEAST:
        return text
    plain = text.encode()
    small = zlib.compress(plain, _LEVEL)
    return small if len(small) < len(plain) else text


def unpacked(kept: str | bytes) -> str:
    """What was packed; of the first bytes of it the beginning of the text."""
    if isinstance(kept, str):
        return kept
    return zlib.decompressobj().decompress(kept).decode("utf-8", "ignore")


class PackedText(TypeDecorator[str]):
    """A text. A condition may ask whether it is empty, and nothing else of it; its beginning by `substr`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        return packed(value) if value is not None and dialect.name == "sqlite" and packs() else value

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else unpacked(value)


def packs() -> bool:
    """What `look` saw last in this thread."""
    return _packs.get()


def look(connection: Connection) -> bool:
    """See whether the database packs texts; to be called before a transaction writes any. Of a server: no."""
    sqlite = connection.dialect.name == "sqlite"
    packs = sqlite and bool(connection.exec_driver_sql("PRAGMA application_id").scalar_one() == PACKS)
    _packs.set(packs)
    return packs


def say(connection: Connection, *, packs: bool) -> None:
    """Let an embedded database say whether it packs, from this transaction's end on."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA application_id={PACKS if packs else PLAIN}")
