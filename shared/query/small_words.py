"""Pure. The small words of three languages, which a query passes over where it has others.

None of these says what a text is about, in any of the languages, but for the English `die`: it is the German
article far more often. Others stay: `son` is a sound, `car` drives, `or` is gold, `est` a part of France, `it` may
be IT. In capitals a word is a name.
"""

from collections.abc import Iterator
from typing import Final

from shared.query.tree import And, Near, Node, Not, Or, Phrase, Prefix, Word, all_of, any_of
from shared.text.fold import accented_word

_SMALL: Final = frozenset(
    """
    die der das dem des ein eine einen einem einer eines und oder für von vom zu zum zur auf aus bei beim mit im
    ist sind wird werden als auch dass durch über unter um
    le la les un une du au aux et ou où dans sur sous par pour avec ce cette ces qui que sont
    the an of and to for with on at by from is are was were as be been that this these or in
    """.split()
)


def without_small_words(node: Node) -> tuple[Node, tuple[str, ...]]:
    """The tree without them, and those that fell away in order."""
    passed: dict[str, None] = {}
    return _without(node, passed), tuple(passed)


def is_small(node: Node) -> bool:
    return isinstance(node, Word) and is_small_word(node.text)


def is_small_word(word: str) -> bool:
    if len(word) > 1 and word.isupper():
        return False
    return accented_word(word) in _SMALL


def _without(node: Node, passed: dict[str, None]) -> Node:
    match node:
        case And():
            nodes = all_of([_without(each, passed) for each in node.nodes])
            return _row(nodes, passed) if isinstance(nodes, And) else nodes
        case Or(nodes):
            return any_of([_without(each, passed) for each in nodes])
        case Not(denied):
            return Not(_without(denied, passed))
        case _:
            return node


def _row(row: And, passed: dict[str, None]) -> Node:
    if not any(_says(node) for node in row.nodes):
        return row
    passed.update((node.text, None) for node in row.nodes if isinstance(node, Word) and is_small(node))
    return all_of([node for node in row.nodes if not is_small(node)])


def _says(node: Node) -> bool:
    """Whether the text asks for a word that has a meaning."""
    return any(not is_small(text) for text in _texts(node))


def _texts(node: Node) -> Iterator[Node]:
    match node:
        case Or(nodes) | And(nodes):
            for each in nodes:
                yield from _texts(each)
        case Word() | Phrase() | Prefix() | Near():
            yield node
