"""Pure. Tags with thousands of attributes: parsers compare each with all others, and spend minutes on one.

No document of a publisher has one; telling that costs little where there is none.
"""

import re
from collections.abc import Iterator
from typing import Final

MOST_WORDS: Final = 10_000  # in one tag: names of attributes, and words of their values
LONG: Final = 20_000  # letters that so many words need at least
MANY: Final = 100_000  # angle brackets, from which on tags are looked at one by one
_TAG: Final = re.compile(r"<[a-zA-Z](?:\"[^\"]*\"|'[^']*'|[^>\"']+)*+>?")  # never tried another way: no memory


def has_giant_tag(markup: str) -> bool:
    """Whether a tag of `markup` has more words than any publication needs."""
    return next(_giants(markup), None) is not None


def without_giant_tags(markup: str) -> str:
    """`markup`, such tags left out."""
    giants = [(found.start(), found.end()) for found in _giants(markup)]
    for start, end in reversed(giants):
        markup = markup[:start] + markup[end:]
    return markup


def _giants(markup: str) -> Iterator[re.Match[str]]:
    if len(markup) < LONG:
        return
    pieces = markup.split("<")
    if len(pieces) < MANY and max(map(len, pieces)) < LONG:
        return
    for found in _TAG.finditer(markup):
        if found.end() - found.start() >= LONG and len(found[0].split(None, MOST_WORDS)) > MOST_WORDS:
            yield found
