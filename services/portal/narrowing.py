"""Filters with counts: what a search finds by theme, source and more, each a link that turns it on or off.

The counts of a kind leave out what was chosen of that kind: they say what one more choice would bring.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlmodel import Session

from services.portal.choices import FLAGS, NAMES, Choices, Flag, Kind
from services.portal.links import address
from shared.archive.facets import By, facets
from shared.archive.places_found import COUNT_CAP
from shared.archive.tallies import BANDS
from shared.items import LANGUAGES, OTHER
from shared.themes import themes

COUNTRIES: Final = ("DE", "FR", "EU")
SHOWN: Final = 8  # of a kind without end; more are behind a click
MOST: Final = 40
LONG: Final = 500  # characters of a query that the links of filters would say again and again
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
    """The filters of a kind; `more` are those that few want. `newest`: only the newest hits were counted."""

    filters: tuple[Filter, ...]
    more: tuple[Filter, ...] = ()
    newest: bool = False


def groups(path: str, choices: Choices, session: Session | None = None) -> Mapping[str, Group]:
    """Kind -> its filters; counted where there is a session and the query can be understood.

    Beside a long query stand only those that are on.
    """
    if is_long(choices):
        return {kind: _on_alone(path, choices, kind) for kind in NAMES} | {"features": _flags(path, choices)}
    counts, newest = counted(session, choices) if session else ({}, frozenset())
    found: dict[str, Group] = {
        kind: replace(_group(path, choices, kind, counts.get(kind)), newest=kind in newest) for kind in NAMES
    }
    return {**found, "features": _flags(path, choices)}


def is_long(choices: Choices) -> bool:
    """Whether the query is so long that a page does not offer filters."""
    return len(choices.q) > LONG


def _on_alone(path: str, choices: Choices, kind: Kind) -> Group:
    chosen = choices.of(kind)
    return Group(
        tuple(Filter(value, True, address(path, choices.toggled(kind, value).parameters())) for value in chosen)
    )


def _flags(path: str, choices: Choices) -> Group:
    flags = FLAGS if not is_long(choices) else tuple(flag for flag in FLAGS if choices.on(flag))
    return Group(tuple(_flag(path, choices, flag) for flag in flags))


def counted(
    session: Session, choices: Choices, *, among: int = COUNT_CAP
) -> tuple[Mapping[Kind, Mapping[str, int]], frozenset[Kind]]:
    """Kind -> value -> items; and the kinds of which only the newest hits were counted. Raises QueryError."""
    free = [kind for kind in NAMES if not choices.of(kind)]
    found = facets(session, choices.asked(), tuple(_BY[kind] for kind in free), among=among)
    by_kind = dict.fromkeys(free, found)
    for kind in NAMES:
        if kind not in by_kind:
            by_kind[kind] = facets(session, choices.without(kind).asked(), (_BY[kind],), among=among)
    counts = {kind: some.counts[_BY[kind]] for kind, some in by_kind.items()}
    return counts, frozenset(kind for kind, some in by_kind.items() if _BY[kind] in some.of_newest)


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
