"""Pure. What the search index keeps of an item: the analysed words of its title and of its body."""

from typing import NamedTuple

from shared.items import CollectedItem
from shared.text.analyse import analyse


class Words(NamedTuple):
    """One text for each column of the index."""

    title_exact: str
    title_terms: str
    body_exact: str
    body_terms: str


def words_of(item: CollectedItem, language: str) -> Words:
    """The item's words, read as `language`."""
    title, body = analyse(item.title, language), analyse(item.body(), language)
    return Words(*map(" ".join, (title.exact, title.terms, body.exact, body.terms)))
