"""Fills the archive without the archivist: the same rows, entries and tallies, no stories, nothing published.

A million items by the archivist's step take the better part of an hour. Here texts beyond `DISTINCT` come again,
each time under other dates, sources and tags, so that their words need not be read again.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from common.corpus import END, corpus
from shared.archive.holdings import load
from shared.archive.shelf import Shelf
from shared.archive.words import Words, words_of_item
from shared.items import ClassifiedItem, Purpose
from shared.store import Store

DISTINCT: Final = 100_000
_TEXTS: Final = "title text languages content_hash".split()


def again_and_again(count: int) -> Iterator[ClassifiedItem]:
    """`count` items, the oldest first; the texts are those of the first `DISTINCT` over and over."""
    texts: list[tuple[dict[str, object], str]] = []
    for number, item in enumerate(corpus(count)):
        if number < DISTINCT:
            texts.append(({name: getattr(item.item, name) for name in _TEXTS}, item.verdict.language))
            yield item
            continue
        said, language = texts[number % DISTINCT]
        yield item.model_copy(
            update={
                "item": item.item.model_copy(update=said),
                "verdict": item.verdict.model_copy(update={"language": language}),
            }
        )


class Loader:
    """Writes batches. Remembers the words of texts that may come again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[str, str], Words] = {}

    def write(self, batch: Sequence[ClassifiedItem]) -> None:
        with self._store.writing() as session:
            coming = [each.item.item_id for each in batch]
            shelf = Shelf(session, load(session, coming), coming=coming)
            for each in batch:
                shelf.write(each, Purpose.BACKFILL, END, lambda language, each=each: self._words(each, language))
            shelf.write_back()

    def _words(self, classified: ClassifiedItem, language: str) -> Words:
        key = classified.item.content_hash, language
        if key not in self._known:
            if len(self._known) >= DISTINCT:
                return words_of_item(classified.item, language)
            self._known[key] = words_of_item(classified.item, language)
        return self._known[key]


def batches(items: Iterable[ClassifiedItem], size: int) -> Iterator[Sequence[ClassifiedItem]]:
    some: list[ClassifiedItem] = []
    for item in items:
        some.append(item)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some
