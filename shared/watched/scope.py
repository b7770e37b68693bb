"""Pure. Whom a query concerns: the sources that an item it finds could come from."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.query.syntax import Query
from shared.query.tree import And, Facet, Is, Node, Not, Or


@dataclass(frozen=True, slots=True)
class Party:
    """A source, as far as a query may name it."""

    id: str
    country: str


def concerned(query: Query, parties: Iterable[Party]) -> tuple[str, ...]:
    """The sources that the query does not exclude, by `source:` or `country:`.

    `org:` speaks of whom a text names, and any source may name anybody: it excludes none.
    """
    return tuple(party.id for party in parties if _may(query.node, party) is not False)


def _may(node: Node, party: Party) -> bool | None:
    """Whether items of the source fit: None where the source does not decide it."""
    match node:
        case And(nodes):
            found = [_may(each, party) for each in nodes]
            return False if False in found else None if None in found else True
        case Or(nodes):
            found = [_may(each, party) for each in nodes]
            return True if True in found else None if None in found else False
        case Not(inner):
            held = _may(inner, party)
            return None if held is None else not held
        case Is(Facet.SOURCE):
            return party.id in node.values
        case Is(Facet.COUNTRY, value) if party.country:
            return party.country.upper() == value
        case _:
            return None
