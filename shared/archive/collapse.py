"""Pure. Of every story the first publication that a list has."""

from collections.abc import Collection, Iterable, Iterator

from shared.archive.found import FoundItem


def one_per_story(items: Iterable[FoundItem], before: Collection[str] = ()) -> Iterator[FoundItem]:
    """The items without those whose story was there already, in `before` or among them. Keeps the ids of the
    stories, nothing else.
    """
    told = set(before)
    for item in items:
        if item.story not in told:
            told.add(item.story)
            yield item
