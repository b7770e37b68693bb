"""Pure. The lead of a text cut into sentences. Cutting wrongly costs little: their vectors are averaged."""

import re
from collections.abc import Iterator
from typing import Final

READ: Final = 1_500  # letters of a text: what an event is stands in its lead
MOST: Final = 12  # sentences
_LONGEST: Final = 400  # letters of a sentence that are read
_SHORTEST: Final = 25  # letters: what is shorter goes with the next
_END: Final = re.compile(r"(?<=[.!?…])[\"»“”’)]*\s+(?=[\"„«“(]?\s?[A-ZÀ-ÖØ-Þ0-9])|\n+")
_NO_END: Final = re.compile(  # am 12. November, z. B., Dr. Meier, M. Dupont, J. Smith
    r"(?:\b\d{1,2}|\b[A-Za-z]|\b(?:Dr|Prof|St|Nr|Mio|Mrd|Art|Abs|bzw|ca|vgl|inkl|Mr|Mrs|Ms|No|art|etc|env|MM|Mme))\.$"
)


def sentences(text: str, read: int = READ, most: int = MOST) -> list[str]:
    """The sentences of the lead in order, none of them empty; of its first `read` letters, `most` at most."""
    found: list[str] = []
    for piece in _pieces(text[:read]):
        if found and (_NO_END.search(found[-1]) or len(found[-1]) < _SHORTEST):
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    return [sentence[:_LONGEST] for sentence in found[:most]]


def _pieces(text: str) -> Iterator[str]:
    for piece in _END.split(text):
        if any(map(str.isalnum, piece)):
            yield " ".join(piece.split())
