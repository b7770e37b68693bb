"""Pure. What no document of a publisher needs, and parsers would spend minutes on: refused beforehand."""

from typing import Final

from shared.errors import NotAFeed
from shared.text.tags import MOST_WORDS, has_giant_tag

MOST_TAGS: Final = 400_000  # angle brackets of a page


def check_tags(text: str) -> None:
    """Raises NotAFeed where a tag has thousands of attributes or classes."""
    if has_giant_tag(text):
        raise NotAFeed(f"the document has a tag of more than {MOST_WORDS:,} words; no publication needs one")


def check_page(text: str) -> None:
    """Raises NotAFeed for a page that has such a tag, or too many."""
    if text.count("<") > MOST_TAGS:
        raise NotAFeed(f"the page has more than {MOST_TAGS:,} tags; no publication needs so many")
    check_tags(text)
