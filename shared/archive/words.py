"""Pure. What the search index keeps of an item: the analysed words of its title and of its body, and its marks."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple, Self

from shared.archive.tables import ItemRow
from shared.items import CollectedItem, body_of
from shared.query.marks import FRANCO_GERMAN, mark
from shared.query.tree import Facet
from shared.text.analyse import GAP, Analysed, analyse
from shared.text.fold import name_key


class Words(NamedTuple):
    """One text for title and body each: the exact words in order, each with an x before it, then the terms."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Indexed:
    """All that the index entry of an item rests on: the same of these is the same entry, word for word.

    SQLite's index does not keep what was indexed; to take an entry out, it must be told what stands there.
    """

    title: str
    body: str
    language: str
    marks: tuple[str, ...]

    @classmethod
    def of(cls, row: ItemRow, sources: Collection[str]) -> Self:
        """The item as its row has it, seen at these sources."""
        return cls(row.title, body_of(row.summary, row.text), row.language, _marks(row, sources))

    def words(self) -> Words:
        return words_of(self.title, self.body, self.language)


def words_of(title: str, body: str, language: str) -> Words:
    """The words, read as `language`."""
    return Words(_written(analyse(title, language)), _written(analyse(body, language)))


def words_of_item(item: CollectedItem, language: str) -> Words:
    """The item's words, read as `language`."""
    return words_of(item.title, item.body(), language)


def _written(analysed: Analysed) -> str:
    exact = f"x{' x'.join(analysed.exact)} " if analysed.exact else ""
    return f"{exact}{' '.join((GAP, *analysed.terms))}"


def _marks(row: ItemRow, sources: Collection[str]) -> tuple[str, ...]:
    found = {mark(Facet.SOURCE, source) for source in sources}
    found.update(mark(Facet.THEME, theme) for theme in row.themes)
    found.update(mark(Facet.ORGANISATION, name_key(name)) for name in row.organisations)
    found.update((mark(Facet.LANGUAGE, row.language), mark(Facet.COUNTRY, row.country.upper())))
    if row.franco_german:
        found.add(FRANCO_GERMAN)
    return tuple(sorted(found))
