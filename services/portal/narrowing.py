"""Filters with counts: what a search finds by theme, source and more, each a link that turns it on or off.

The counts of a kind leave out what was chosen of that kind: they say what one more choice would bring.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from services.portal.choices import FLAGS, NAMES, Choices, Flag, Kind
from services.portal.links import address
from shared.archive.facets import By, facets
from shared.archive.tallies import BANDS
from shared.items import LANGUAGES, OTHER
from shared.themes import themes

COUNTRIES: Final = ("DE", "FR", "EU")
SHOWN: Final = 8  # of a kind without end; more are behind a click
MOST: Final = 40
_BY: Final[Mapping[Kind, By]] = {
    "themes": By.THEME,
    "languages": By.LANGUAGE,
    "countries": By.COUNTRY,
    "sources": By.SOURCE,
    "organisations": By.ORGANISATION,
    "bands": By.BAND,
    "months": By.MONTH,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as a link: following it turns it on or off. `count` is what it finds, None where nobody counted."""

    name: str
    on: bool
    href: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The filters of a kind; `more` are those that few want."""

    filters: tuple[Filter, ...]
    more: tuple[Filter, ...] = ()


def groups(path: str, choices: Choices, session: Session | None = None) -> Mapping[str, Group]:
    """Kind -> its filters; counted where there is a session and the query can be understood."""
    counts = counted(session, choices) if session else {}
    found: dict[str, Group] = {kind: _group(path, choices, kind, counts.get(kind)) for kind in NAMES}
    flags = tuple(_flag(path, choices, flag) for flag in FLAGS)
    return {**found, "features": Group(flags)}


def counted(session: Session, choices: Choices) -> Mapping[Kind, Mapping[str, int]]:
    """Kind -> value -> items. Raises QueryError."""
    free = [kind for kind in NAMES if not choices.of(kind)]
    found = facets(session, choices.asked(), tuple(_BY[kind] for kind in free))
    counts: dict[Kind, Mapping[str, int]] = {kind: found[_BY[kind]] for kind in free}
    for kind in NAMES:
        if kind not in counts:
            counts[kind] = facets(session, choices.without(kind).asked(), (_BY[kind],))[_BY[kind]]
    return counts


def _group(path: str, choices: Choices, kind: Kind, counts: Mapping[str, int] | None) -> Group:
    listed = _listed(kind, choices.of(kind), counts or {})
    filters = [
        Filter(
            value,
            value in choices.of(kind),
            address(path, choices.toggled(kind, value).parameters()),
            None if counts is None else counts.get(value, 0),
        )
        for value in listed
    ]
    if kind in ("themes", "languages", "countries", "bands"):
        return Group(tuple(filters))
    first = [each for at, each in enumerate(filters) if at < SHOWN or each.on]
    return Group(tuple(first), tuple(each for each in filters if each not in first)[:MOST])


def _listed(kind: Kind, chosen: Sequence[str], counts: Mapping[str, int]) -> Sequence[str]:
    """The values to show, in their order: known ones in ours, others by how many items have them."""
    match kind:
        case "themes":
            return tuple(themes())
        case "languages":
            return (*LANGUAGES, OTHER)
        case "countries":
            return tuple(dict.fromkeys((*COUNTRIES, *counts, *chosen)))
        case "bands":
            return tuple(map(str, BANDS))
        case "months":
            return sorted({*counts, *chosen}, reverse=True)
        case _:
            return tuple(dict.fromkeys((*counts, *chosen)))


def _flag(path: str, choices: Choices, flag: Flag) -> Filter:
    return Filter(flag, choices.on(flag), address(path, choices.switched(flag).parameters()))
