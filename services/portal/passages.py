"""Pure. Marks the passages that carried a verdict inside the words they stand in."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, marked or not."""

    text: str
    marked: bool


def marked(text: str, passages: Iterable[str]) -> tuple[Piece, ...]:
    """`text` in pieces; overlapping passages are joined. The pieces' texts together are `text`."""
    pieces: list[Piece] = []
    at = 0
    for start, end in _joined(text, passages):
        pieces += [Piece(text[at:start], False), Piece(text[start:end], True)]
        at = end
    pieces.append(Piece(text[at:], False))
    return tuple(piece for piece in pieces if piece.text)


def _joined(text: str, passages: Iterable[str]) -> list[tuple[int, int]]:
    found = sorted({(text.find(p), text.find(p) + len(p)) for p in passages if p and p in text})
    spans: list[tuple[int, int]] = []
    for start, end in found:
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def excerpt(text: str, limit: int = 320) -> str:
    """The beginning of `text`, cut at a word, with an ellipsis where it goes on."""
    if len(text) <= limit:
        return text
    return f"{text[:limit].rsplit(' ', 1)[0].rstrip(' ,;:–-')} …"
