"""Pure. Marks passages inside the words they stand in: those that carried a verdict, and those that were found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, marked or not."""

    text: str
    marked: bool


def marked(text: str, passages: Iterable[str]) -> tuple[Piece, ...]:
    """`text` in pieces; overlapping passages are joined. The pieces' texts together are `text`."""
    return in_pieces(text, _joined(text, passages))


def in_pieces(text: str, spans: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    """`text` in pieces, marked where `spans` are: in order, none within another."""
    pieces: list[Piece] = []
    at = 0
    for start, end in spans:
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


def around(text: str, spans: Sequence[tuple[int, int]], limit: int) -> tuple[Piece, ...]:
    """At most about `limit` characters of `text`, in pieces: where most of `spans` stand close together."""
    start = _begin(text, spans, limit)
    end = len(text) if start + limit >= len(text) else text.rfind(" ", start, start + limit + 1)
    end = end if end > start else start + limit
    inside = [(max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start]
    pieces = in_pieces(text[start:end], inside)
    before = (Piece("… ", marked=False),) if start else ()
    after = (Piece(" …", marked=False),) if end < len(text) else ()
    return (*before, *pieces, *after)


def _begin(text: str, spans: Sequence[tuple[int, int]], limit: int) -> int:
    """Where the excerpt begins: at a word, some words before the first place that it shows."""
    if not spans or spans[-1][1] <= limit or len(text) <= limit:
        return 0
    lead = limit // 4

    def close(first: int) -> int:
        return sum(first <= a and b <= first + limit - lead for a, b in spans)

    first = max((a for a, _ in spans), key=lambda a: (close(a), -a))
    at = min(first - lead, len(text) - limit)
    space = text.find(" ", max(at, 0))
    return 0 if at <= 0 else space + 1 if 0 <= space < first else at
