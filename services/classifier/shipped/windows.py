"""Pure. Cuts a long text into windows that the model reads one by one, each behind the title.

What the model was trained on is a title with some six hundred letters. A ministry's release has ten thousand, and
names energy on page two: read as one, the word would drown.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

SIZE: Final = 600  # letters of a window, at most: about what the encoder reads at once
READ: Final = 200_000  # letters of a text that are read: the collector keeps no more bytes either
_ENDS: Final = (re.compile(r"\n\s*"), re.compile(r"[.!?]\s+"), re.compile(r"\s+"))  # where to cut, the best first
_SHORTEST: Final = 330  # letters of a window that is followed by another


class Window(NamedTuple):
    """A stretch of a text: from `start` to before `end`."""

    start: int
    end: int


def windows(text: str) -> list[Window]:
    """The windows of `text` in order, at least one; together they are the text, up to `READ`."""
    return list(_cut(text[:READ])) or [Window(0, 0)]


def _cut(text: str) -> Iterator[Window]:
    start = 0
    while len(text) - start > SIZE:
        end = _end(text, start)
        yield Window(start, end)
        start = end
    if start < len(text):
        yield Window(start, len(text))


def _end(text: str, start: int) -> int:
    """After the last end of a paragraph, else of a sentence, else of a word, that fits the window."""
    for ends in _ENDS:
        places = [found.end() for found in ends.finditer(text, start + _SHORTEST, start + SIZE)]
        if places:
            return places[-1]
    return start + SIZE
