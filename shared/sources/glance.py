"""Pure. The bodies that the mission names, at a glance: how many are read by which way, and how many are not."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from shared.sources.states import State
from shared.sources.store import SourceHealth

WORKS: Final = frozenset({State.OK, State.EMPTY, State.STALE, State.MOVED})


@dataclass(frozen=True, slots=True)
class Glance:
    """Of the named bodies: `read` by kind, `waiting` for a first answer, `sick`, and `off`."""

    total: int
    read: Mapping[str, int]
    waiting: int
    sick: int
    off: int

    @property
    def works(self) -> int:
        return sum(self.read.values())


def is_read(source: SourceHealth) -> bool:
    """Whether documents of it come in, be there something new or not."""
    return source.enabled and source.last_success is not None and source.state in WORKS


def is_waiting(source: SourceHealth) -> bool:
    """Whether it is on and has never answered with a document."""
    return source.enabled and source.last_success is None


def glance(sources: Iterable[SourceHealth]) -> Glance:
    """How the named bodies among these are."""
    named = [source for source in sources if source.named]
    read = Counter(source.kind for source in named if is_read(source))
    waiting = sum(map(is_waiting, named))
    off = sum(not source.enabled for source in named)
    return Glance(len(named), dict(read.most_common()), waiting, len(named) - read.total() - waiting - off, off)
