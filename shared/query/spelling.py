"""Pure. The other spelling of a query's words, for who found nothing: with umlauts in place of none, or without.

Förderung and Forderung are two words. Who types without dots means the first and has written the second; who reads
"Muller" in a French text types Müller. Only a search that found nothing may ask for the other one, and must say
so: an alert that did would bring demands to who waits for funding.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

from shared.query.syntax import Query
from shared.query.tree import And, Near, Node, Or, Phrase, Prefix, Text, Word, any_of
from shared.text.fold import fold

MOST: Final = 12  # spellings of a word that are looked for
_WORDS: Final = 6  # words of a query whose spelling is looked for: each asks the index
_DOTS: Final = 2  # vowels that get dots at once, at most: Überprüfung
_DOTTED: Final = {"a": "ä", "o": "ö", "u": "ü", "A": "Ä", "O": "Ö", "U": "Ü"}
_PLAIN: Final = str.maketrans({dotted: plain for plain, dotted in _DOTTED.items()})
_CAN_BE_DOTTED: Final = re.compile(
    r"a(?=u)|[ao](?![aeiouyäöü])|(?<![aeo])u(?![aeiouyäöü])", re.IGNORECASE
)  # Bäume, but no Baüme
_WRITTEN_OUT: Final = re.compile(r"([aou])e", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Respelt:
    """A query whose words are also looked for as `words` spell them."""

    query: str
    words: tuple[str, ...]


def spellings(text: str) -> tuple[str, ...]:
    """Other ways to dot a word or phrase, the likeliest first; none of them is folded like it."""
    ways = (text.translate(_PLAIN), _WRITTEN_OUT.sub(r"\1", text), *_dotted(text))
    return tuple({fold(way): way for way in reversed(ways) if fold(way) != fold(text)}.values())[::-1][:MOST]


def respelt(query: Query, known: Callable[[Sequence[Text]], Iterable[Text]]) -> Respelt | None:
    """`query`, its words also in those other spellings that are `known`; None when there are none."""
    found: dict[Text, tuple[Text, ...]] = {}
    for leaf in dict.fromkeys(_wanted(query.node)):
        others = tuple(replace(leaf, text=text) for text in spellings(leaf.text))
        if others and len(found) < _WORDS:
            found[leaf] = tuple(known(others))
    words = tuple(other.text for others in found.values() for other in others)
    return Respelt(Query(_replaced(query.node, found)).echo(), words) if words else None


def _dotted(text: str) -> Iterator[str]:
    places = [place.start() for place in _CAN_BE_DOTTED.finditer(text)]
    for count in range(1, min(_DOTS, len(places)) + 1):
        for chosen in combinations(places, count):
            yield "".join(_DOTTED[c] if n in chosen else c for n, c in enumerate(text))


def _wanted(node: Node) -> Iterator[Text]:
    """The texts that are asked for, not those that are denied."""
    match node:
        case And(nodes) | Or(nodes):
            for each in nodes:
                yield from _wanted(each)
        case Word() | Phrase() | Prefix() | Near():
            yield node


def _replaced(node: Node, found: dict[Text, tuple[Text, ...]]) -> Node:
    match node:
        case And(nodes):
            return And(tuple(_replaced(each, found) for each in nodes))
        case Or(nodes):
            return any_of([_replaced(each, found) for each in nodes])
        case Word() | Phrase() | Prefix() | Near():
            return any_of([node, *found.get(node, ())])
        case _:
            return node
