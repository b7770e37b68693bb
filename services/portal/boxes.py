"""Pure. The boxes of the subscription form: which of them, and which words, a stored query was made of."""

from dataclasses import replace
from typing import Final

from services.portal.choices import Choices
from shared.items import LANGUAGES
from shared.query.syntax import parse
from shared.query.tree import And, Facet, FrancoGerman, Is, Node, Or, Sovereignty, all_of

COUNTRIES: Final = ("DE", "FR", "EU")  # that a box stands for; others are words of a query


def choices_of(query: str) -> Choices:
    """The boxes and words that a stored query was made of: `choices_of(c.query()).query()` finds the same.

    What no box says is words. Raises QueryError for a query that the grammar does not know any more.
    """
    node = parse(query).node
    chosen, words = Choices(), list[Node]()
    for part in node.nodes if isinstance(node, And) else (node,):
        ticked = _ticked(chosen, part)
        chosen, words = (chosen, [*words, part]) if ticked is None else (ticked, words)
    return replace(chosen, q=all_of(words).echo())


def _ticked(chosen: Choices, part: Node) -> Choices | None:
    """The choices with the box of this part; None where there is none, or it is ticked already."""
    if part == FrancoGerman():
        return None if chosen.franco_german else replace(chosen, franco_german=True)
    if part == Sovereignty(">", 0.6):
        return None if chosen.sovereign else replace(chosen, sovereign=True)
    leaves = part.nodes if isinstance(part, Or) else (part,)
    facets = {leaf.facet if isinstance(leaf, Is) else None for leaf in leaves}
    values = tuple(leaf.value for leaf in leaves if isinstance(leaf, Is))
    if facets == {Facet.THEME} and not chosen.themes:
        return replace(chosen, themes=values)
    if facets == {Facet.LANGUAGE} and not chosen.languages and set(values) <= set(LANGUAGES):
        return replace(chosen, languages=values)
    if facets == {Facet.COUNTRY} and not chosen.countries and set(values) <= set(COUNTRIES):
        return replace(chosen, countries=values)
    return None
