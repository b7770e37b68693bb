"""The large tables of a graph's file, left on the disk: of the rows of words, few are ever looked up.

ONNX Runtime would copy them into memory, 22 MB of 33. The file is a message of protobuf; what is read of it are
the tags and lengths on the way to a table, and its name and shape.
"""

import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

LARGE: Final = 4_000_000  # bytes
_TYPES: Final = {2: np.uint8, 3: np.int8}  # of ONNX: those that may lie anywhere in a file
# numbers of fields in onnx.proto
_GRAPH: Final = 7
_INITIALIZER: Final = 5
_DIMS, _TYPE, _NAME, _RAW = 1, 2, 8, 9
_NUMBER, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5  # kinds of fields

Table = NDArray[np.uint8 | np.int8]


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of a message: its number in the message's description, its value, or where its bytes are."""

    number: int
    value: int
    start: int = 0
    end: int = 0


def large_tables(graph: Path) -> Mapping[str, Table]:
    """Name -> table, of those that are large. Empty for what is no graph, and for one that keeps none so."""
    try:
        with graph.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as message:
            found = dict(_tables(message))
    except (IndexError, ValueError):  # who loads the graph says what is wrong with it
        return {}
    return {
        name: np.memmap(graph, _TYPES[kind], "r", start, shape) for name, (kind, start, shape) in found.items()
    }


def _tables(message: mmap.mmap) -> Iterator[tuple[str, tuple[int, int, tuple[int, ...]]]]:
    for graph in _fields(message, 0, len(message)):
        if graph.number != _GRAPH:
            continue
        for tensor in _fields(message, graph.start, graph.end):
            if tensor.number != _INITIALIZER or tensor.end - tensor.start < LARGE:
                continue
            parts = list(_fields(message, tensor.start, tensor.end))
            kind = next((part.value for part in parts if part.number == _TYPE), 0)
            raw = next((part for part in parts if part.number == _RAW), None)
            name = next((message[part.start : part.end].decode() for part in parts if part.number == _NAME), "")
            shape = tuple(part.value for part in parts if part.number == _DIMS)
            if raw and name and kind in _TYPES and np.prod(shape) == raw.end - raw.start:
                yield name, (kind, raw.start, shape)


def _fields(message: mmap.mmap, at: int, end: int) -> Iterator[_Field]:
    while at < end:
        tag, at = _varint(message, at)
        number, kind = tag >> 3, tag & 7
        if kind == _NUMBER:
            value, at = _varint(message, at)
            yield _Field(number, value)
            continue
        size = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}.get(kind)
        if kind == _BYTES:
            size, at = _varint(message, at)
        if size is None or at + size > end:
            raise ValueError(f"no field of a message at byte {at}")
        yield _Field(number, 0, at, at + size)
        at += size


def _varint(message: mmap.mmap, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
