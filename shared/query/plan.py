"""Pure. A query cut into what the index tells, a span of days, and what must be asked of each item."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shared.query.engine import is_indexed
from shared.query.syntax import Query
from shared.query.tree import After, And, Before, Everything, Node, Not, all_of


@dataclass(frozen=True, slots=True)
class Plan:
    """All of these hold for what is found; None asks for nothing. `since` and `until` follow from `rest`."""

    index: Node | None
    rest: Node | None
    since: date | None  # the first day that items may count for
    until: date | None  # the first day that they may not


def plan(query: Query) -> Plan:
    """The query, cut so that the index tells as much as it can."""
    nodes = query.node.nodes if isinstance(query.node, And) else (query.node,)
    indexed = [node for node in nodes if is_indexed(node)]
    if indexed:
        indexed += [node for node in nodes if isinstance(node, Not) and is_indexed(node.node)]
    rest = [node for node in nodes if node not in indexed and not isinstance(node, Everything)]
    days = [node.day for node in rest if isinstance(node, After)], [n.day for n in rest if isinstance(n, Before)]
    return Plan(_all(indexed), _all(rest), max(days[0], default=None), min(days[1], default=None))


def _all(nodes: Iterable[Node]) -> Node | None:
    some = list(nodes)
    return all_of(some) if some else None
