"""Pure. Markup out of a text in such a way that what is found leads back to the text as given.

Items from feeds are plain text already; this is for what people hand to the command line.
"""

import html
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

_BLANKED: Final = re.compile(
    r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[a-zA-Z/!?][^<>]*>|[\ud800-\udfff]", re.DOTALL | re.IGNORECASE
)
_REFERENCE: Final = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});")


@dataclass(frozen=True, slots=True)
class Plain:
    """A text without markup, and where its stretches began in the text as given: (place here, place there)."""

    text: str
    original: str
    stretches: tuple[tuple[int, int], ...]

    def as_given(self, passage: str) -> str | None:
        """The words of the text as given that `passage` was read from; None when it is not from here."""
        start = self.text.find(passage)
        if start < 0 or not passage:
            return None
        return self.original[self._there(start) : self._there(start + len(passage) - 1, end=True)]

    def _there(self, here: int, *, end: bool = False) -> int:
        number = bisect_right(self.stretches, (here, len(self.original))) - 1
        began, there = self.stretches[number]
        if not end:
            return there + here - began
        follows = self.stretches[number + 1] if number + 1 < len(self.stretches) else None
        # the last sign of a stretch may have been a whole reference: it ends where the next stretch begins
        return follows[1] if follows and follows[0] == here + 1 else there + here - began + 1


def plain(original: str) -> Plain:
    """`original` with tags and scripts as line ends, which no passage crosses, and references decoded."""
    blanked = _BLANKED.sub(lambda match: "\n" * len(match[0]), original)
    pieces: list[str] = []
    stretches, here, there = [(0, 0)], 0, 0
    for reference in _REFERENCE.finditer(blanked):
        sign = html.unescape(reference[0])
        pieces += [blanked[there : reference.start()], sign]
        here += reference.start() - there
        stretches.append((here, reference.start()))
        here, there = here + len(sign), reference.end()
        stretches.append((here, there))
    return Plain("".join([*pieces, blanked[there:]]), original, tuple(stretches))
