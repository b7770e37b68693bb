"""Pure. A text in windows that a model can read: the title with as many sentences as fit, a few of them twice.

Cut are words as they stand: every part of a window is found word for word in the title or in the body.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Final

Lengths = Callable[[Sequence[str]], Sequence[int]]  # texts -> tokens of each

LONGEST: Final = 400  # characters of a sentence; what is longer is cut at white space
_SHORTEST: Final = 12  # characters; so "Dr." alone is none
_CHARACTERS: Final = 8  # that a token has at most, about: more of a text than that is not even cut
_END: Final = re.compile(r"(?<=[.!?…])[\"»”“’)]*\s+|\s*[\n\r]+\s*")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A title or a sentence, where it stands in its source."""

    source: str
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Window:
    """What a model reads at once: the title, where there is one, and neighbouring sentences."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return joined([piece.text for piece in self.pieces])

    def parts(self, most: int) -> tuple[str, ...]:
        """The pieces word for word, neighbours together where there are more than about `most`."""
        size = -(-len(self.pieces) // most)
        parts = []
        for _, run in groupby(self.pieces, key=lambda piece: piece.source):
            same = list(run)
            for first in range(0, len(same), size):
                group = same[first : first + size]
                parts.append(group[0].source[group[0].start : group[-1].end])
        return tuple(parts)


def joined(parts: Sequence[str]) -> str:
    """What the model is given to read."""
    return "\n".join(parts)


def windows(title: str, body: str, lengths: Lengths, room: int, most: int) -> tuple[Window, ...]:
    """At most `most` windows of about `room` tokens; none for a text without words.

    A title that takes more than half of a window is read like a body, and the body after it.
    """
    readable = room * most * _CHARACTERS
    title, body = title.strip()[:readable], body[:readable]
    head = [Piece(title, 0, len(title))] if title else []
    taken = sum(lengths([title])) if title else 0
    rest = [Piece(body, *span) for span in sentences(body)]
    if taken > room // 2:
        head, taken, rest = [], 0, [Piece(title, *span) for span in sentences(title)] + rest
    if not rest:
        return (Window(tuple(head)),) if head else ()
    packed = _packed(lengths([piece.text for piece in rest]), max(1, room - taken))
    return tuple(Window((*head, *rest[first:last])) for first, last in islice(packed, most))


def sentences(text: str) -> Sequence[Span]:
    """Where each sentence begins and ends, without the white space around it."""
    return [piece for start, end in _between_ends(text) for piece in _cut(text, start, end)]


def _between_ends(text: str) -> Iterator[Span]:
    start = 0
    for end in _END.finditer(text):
        last, breaks = end.start(), "\n" in end[0] or "\r" in end[0]
        last += len(end[0]) - len(end[0].lstrip('"»”“’)'))
        if breaks or last - start >= _SHORTEST:
            yield start, last
            start = end.end()
    yield start, len(text)


def _cut(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end:
        while start < end and text[start].isspace():
            start += 1
        while start < end and text[end - 1].isspace():
            end -= 1
        last = min(end, start + LONGEST)
        if last < end:
            space = max(text.rfind(sign, start + LONGEST // 2, last) for sign in " \t\u00a0")
            last = space if space > start else last
        if start < last:
            yield start, last
        start = last


def _packed(tokens: Sequence[int], room: int) -> Iterator[Span]:
    """First and behind the last sentence of each window; a quarter of a window is read twice."""
    first = 0
    while first < len(tokens):
        last, size = first + 1, tokens[first]
        while last < len(tokens) and size + tokens[last] <= room:
            size += tokens[last]
            last += 1
        yield first, last
        if last == len(tokens):
            return
        begun, again, first = first, 0, last
        while first - 1 > begun and again + tokens[first - 1] <= room // 4:
            first -= 1
            again += tokens[first]
