"""Pure. The lead of a text cut into sentences. Cutting wrongly costs little: their vectors are averaged."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

READ: Final = 1_500  # letters of a text: what an event is stands in its lead
MOST: Final = 12  # sentences
_LONGEST: Final = 400  # letters of a sentence that are read
_SHORTEST: Final = 25  # letters: what is shorter goes with the next
_END: Final = re.compile(r"(?<=[.!?…])[\"»“”’)]*\s+(?=[\"„«“(]?\s?[A-ZÀ-ÖØ-Þ0-9])|\n+")
_NO_END: Final = re.compile(  # am 12. November, z. B., Dr. Meier, M. Dupont, J. Smith
    r"(?:\b\d{1,2}|\b[A-Za-z]|\b(?:Dr|Prof|St|Nr|Mio|Mrd|Art|Abs|bzw|ca|vgl|inkl|Mr|Mrs|Ms|No|art|etc|env|MM|Mme))\.$"
)


class Sentence(NamedTuple):
    """A sentence, and where it stands: from `start` to before `end`. Its spaces are evened, and it may be cut."""

    words: str
    start: int
    end: int


def sentences(text: str, read: int = READ, most: int = MOST) -> list[str]:
    """The sentences of the lead in order, none of them empty; of its first `read` letters, `most` at most."""
    return [sentence.words for sentence in placed(text, read, most)]


def placed(text: str, read: int = READ, most: int = MOST) -> list[Sentence]:
    """The same with their places."""
    found: list[Sentence] = []
    for piece in _pieces(text[:read]):
        last = found[-1] if found else None
        if last and (_NO_END.search(last.words) or len(last.words) < _SHORTEST):
            found[-1] = Sentence(f"{last.words} {piece.words}", last.start, piece.end)
        else:
            found.append(piece)
    return [sentence._replace(words=sentence.words[:_LONGEST]) for sentence in found[:most]]


def _pieces(text: str) -> Iterator[Sentence]:
    start = 0
    for end in _END.finditer(text):
        yield from _piece(text, start, end.start())
        start = end.end()
    yield from _piece(text, start, len(text))


def _piece(text: str, start: int, end: int) -> Iterator[Sentence]:
    if any(map(str.isalnum, piece := text[start:end])):
        yield Sentence(" ".join(piece.split()), start, end)
