"""Pure. Of every story the first publication that a list has."""

from collections.abc import Iterable, Iterator

from shared.archive.found import FoundItem


def one_per_story(items: Iterable[FoundItem]) -> Iterator[FoundItem]:
    """The items without those whose story was there already. Keeps the ids of the stories, nothing else."""
    told: set[str] = set()
    for item in items:
        if item.story not in told:
            told.add(item.story)
            yield item
