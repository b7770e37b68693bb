"""Pure. What may stand to be accepted about a source, and how people are told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.sources.catalogue import Kind
from shared.sources.routes import Route


@dataclass(frozen=True, slots=True)
class Block:
    """The entries of a listing page as people compare them: how many, what share dated, some by link and title."""

    count: int
    dated: float
    samples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A way to read a source, found by looking around. `newest` is the publisher's date of its newest entry."""

    route: Route
    title: str = ""
    entries: int = 0
    newest: datetime | None = None

    def stored(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "kind": self.route.kind.value,
            "url": self.route.url,
            "within": self.route.within,
            "title": self.title,
            "entries": self.entries,
            "newest": self.newest.isoformat() if self.newest else None,
        }


def restored(values: Mapping[str, Any]) -> Found:
    """What `stored` gave."""
    newest = values["newest"]
    route = Route(Kind(values["kind"]), values["url"], values["within"])
    return Found(route, values["title"], values["entries"], datetime.fromisoformat(newest) if newest else None)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What stands: the blocks of a rebuilt page, the address that it moved to, or a way that was found."""

    accepted: Block | None = None
    block: Block | None = None
    moved_to: str | None = None
    found: Found | None = None


def said_of(source: str, proposal: Proposal) -> str:
    """The proposal in a sentence, with the command that takes it."""
    command = f"`vigie sources accept {source}` reads"
    if proposal.block is not None:
        return f"{command} the page by what it shows now: {proposal.block.count} entries."
    if proposal.found is None:
        return f"{command} it where it moved to: {proposal.moved_to}"
    found = proposal.found
    newest = f", the newest of {found.newest:%Y-%m-%d}" if found.newest else ""
    return f"{command} what was found in its place: {found.route.url} ({found.entries} entries{newest})"
