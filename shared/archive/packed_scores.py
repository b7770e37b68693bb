"""The scores of the themes in a tenth of their room: two bytes each, in an embedded database that packs.

As JSON they are two hundred bytes, in an item and in its verdict. See `shared.store.packing` for which files pack.
"""

from array import array
from collections.abc import Callable, Mapping
from sys import byteorder
from typing import Any, Final

from sqlalchemy import JSON, Dialect
from sqlalchemy.types import TypeDecorator

from shared.archive.theme_bits import ORDER
from shared.store import packing

ROOM: Final = 2 * len(ORDER)  # bytes
_SHARE: Final = 10_000  # scores have four decimals
_NONE: Final = 0xFFFF
_TWO_BYTES: Final = "H"


def packed(scores: Mapping[str, float]) -> bytes | None:
    """The scores in the order of themes; None where that would lose anything."""
    if not scores.keys() <= set(ORDER):
        return None
    numbers = [_NONE if (score := scores.get(theme)) is None else round(score * _SHARE) for theme in ORDER]
    if any(number not in range(_SHARE + 1) and number != _NONE for number in numbers):
        return None
    return _bytes(numbers) if _scores(numbers) == scores else None


def unpacked(kept: bytes) -> dict[str, float]:
    """What was packed, by a program that may have known fewer themes."""
    numbers = array(_TWO_BYTES, kept)
    if byteorder == "big":
        numbers.byteswap()
    return _scores(numbers)


def _scores(numbers: "list[int] | array[int]") -> dict[str, float]:
    known = zip(ORDER, numbers, strict=False)
    return {theme: number / _SHARE for theme, number in known if number != _NONE}


def _bytes(numbers: list[int]) -> bytes:
    kept = array(_TWO_BYTES, numbers)
    if byteorder == "big":
        kept.byteswap()
    return kept.tobytes()


class PackedScores(TypeDecorator[dict[str, float]]):
    """Scores by theme: JSON, or bytes where the database packs. No condition may ask anything of them."""

    impl = JSON
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """As JSON is written, but for what can be packed."""
        as_json = super().bind_processor(dialect)
        if dialect.name != "sqlite" or as_json is None:
            return as_json

        def bound(scores: Any) -> Any:
            plain = as_json(scores)
            small = packed(scores) if packing.packs() and isinstance(scores, Mapping) else None
            return small if small is not None and len(small) < len(plain) else plain

        return bound

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """As JSON is read, and what was packed."""
        of_json = super().result_processor(dialect, coltype)
        if dialect.name != "sqlite" or of_json is None:
            return of_json
        return lambda kept: unpacked(kept) if isinstance(kept, bytes) else of_json(kept)
