"""Pure. Why a query finds an item: the parts that it meets, each with the item's own words."""

from collections.abc import Sequence

from shared.items import ArchivedItem, Reason
from shared.query.match import Document, why
from shared.query.syntax import Query
from shared.subscriptions.words import Why


def reasons(query: Query, item: ArchivedItem, document: Document) -> tuple[Why, ...]:
    """The parts of the query that the item meets, each with the item's own words where the verdict names them."""
    met = (finding.part for finding in why(query, document) if finding.holds and not finding.denied)
    return tuple(Why(clause=part, passage=_passage(part, item.verdict.reasons)) for part in dict.fromkeys(met))


def _passage(part: str, said: Sequence[Reason]) -> str:
    """The weightiest passage behind a label, for parts of a query that ask for one."""
    field, _, value = part.partition(":")
    label = {"theme": value, "sovereignty": "sovereignty", "is": value.replace("-", "_")}.get(field)
    speaking = [reason for reason in said if reason.label == label]
    return max(speaking, key=lambda reason: reason.weight).passage if speaking else ""
