"""Pure. A search that names a thing in one language also finds what names it in the others.

`data sovereignty` becomes `(data sovereignty) OR Datensouveränität OR souveraineté-des-données`: an echo that can
be searched for itself, and is expanded no further. Only searches ask for it, and show what they asked; an alert
finds what was subscribed to and nothing else. What is denied stays as it is, and so does one word in quotes.
`expand:no` leaves everything as it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from shared.query.syntax import LONGEST, MOST, Query, parse
from shared.query.terms import WORDS, Name, Thing, forms, own_form, thing, words_of
from shared.query.tree import And, Node, Not, Or, Phrase, Word, all_of, any_of

THINGS: Final = 6  # of a query, whose names are added: each of them asks the index


def expanded(text: str) -> str:
    """What a search asks in place of `text`, as an echo. Raises QueryError."""
    return wider(parse(text)).echo()


def wider(query: Query) -> Query:
    """The query with the other names of the things that it names, unless it forbids that or grows too long."""
    if not query.expands:
        return query
    found = replace(query, node=_Expander().wider(query.node))
    fits = sum(1 for _ in _leaves(found.node)) <= MOST and len(found.echo()) <= LONGEST
    return found if fits else query


def names_one_thing(node: Node) -> bool:
    """Whether the node asks for nothing but names of one thing, whichever of them."""
    if not isinstance(node, Or):
        return False
    found = [_called(each) for each in node.nodes]
    return len({named.thing if named else None for named in found} - {None}) == 1 and all(found)


@dataclass(frozen=True, slots=True)
class _Called:
    """The thing that a part of a query names, and its words; `title` as the part has it."""

    thing: Thing
    words: tuple[str, ...]
    title: bool


class _Expander:
    """Adds names, of so many things."""

    def __init__(self) -> None:
        self._left = THINGS

    def wider(self, node: Node) -> Node:
        match node:
            case And(nodes):
                parts = _parted(nodes)
                return all_of(
                    [self._either([part]) if isinstance(part, And) else self.wider(part) for part in parts]
                )
            case Or(nodes):
                return self._either(nodes)
            case Not():
                return node
            case _:
                return self._either([node])

    def _either(self, nodes: Sequence[Node]) -> Node:
        """One of these, or of the names that none of them is."""
        found = [(node, _called(node)) for node in nodes]
        parts = [node if named or not isinstance(node, And | Or) else self.wider(node) for node, named in found]
        known = {form for _, named in found if named for form in forms(named.words)}
        for thing_, title in dict.fromkeys((named.thing, named.title) for _, named in found if named):
            others: list[Node] = []
            for name in thing_:
                if own_form(name) not in known:
                    known.update(forms(words_of(name.text)))
                    others.append(_tied(name, title))
            if others and self._left:
                self._left -= 1
                parts += others
        return any_of(parts)


def _parted(nodes: Sequence[Node]) -> list[Node]:
    """What is wanted together, with the words in a row that name a thing as one part."""
    parts: list[Node] = []
    at = 0
    while at < len(nodes):
        runs = (nodes[at : at + size] for size in range(min(WORDS, len(nodes) - at), 1, -1))
        run = next((run for run in runs if _called(And(tuple(run)))), None)
        parts.append(And(tuple(run)) if run else nodes[at])
        at += len(run) if run else 1
    return parts


def _called(node: Node) -> _Called | None:
    """What the whole node names, if it does."""
    match node:
        case Word(text, title):
            words = words_of(text)
        case Phrase(text, title) if len(words_of(text)) > 1:
            words = words_of(text)
        case And(nodes) if all(isinstance(each, Word) for each in nodes):
            titles = {each.title for each in nodes if isinstance(each, Word)}
            if len(titles) > 1:
                return None
            title = titles.pop()
            words = tuple(word for each in nodes if isinstance(each, Word) for word in words_of(each.text))
        case _:
            return None
    found = thing(words)
    return _Called(found, words, title) if found else None


def _tied(name: Name, title: bool) -> Word:
    """The name as a query finds it in any form: its words side by side."""
    return Word("-".join(name.text.split()), title)


def _leaves(node: Node) -> Iterator[Node]:
    match node:
        case And(nodes) | Or(nodes):
            for each in nodes:
                yield from _leaves(each)
        case Not(inner):
            yield from _leaves(inner)
        case _:
            yield node
