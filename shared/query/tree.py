"""Pure. The syntax tree of a query: what a leaf asks for, and how leaves are joined.

A tree is made by `shared.query.syntax.parse`, which normalises the values; `echo` writes it as text that parses to
the same tree.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, Literal

from shared.items import Announcement

Sign = Literal[">", ">=", "<", "<=", "="]
_BARE: Final = re.compile(r"[^\s\"()*:<>=]+")


class Facet(StrEnum):
    """What is compared as a whole. The value is a field's name in a query."""

    SOURCE = "source"
    THEME = "theme"
    ORGANISATION = "org"
    COUNTRY = "country"
    LANGUAGE = "lang"
    STORY = "story"


@dataclass(frozen=True, slots=True)
class Everything:
    """Holds for every item."""

    def echo(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Word:
    """A word in any of its forms, compounds that contain it included. `title`: in the title only."""

    text: str
    title: bool = False

    def echo(self) -> str:
        return _in_title(self.title, self.text)


@dataclass(frozen=True, slots=True)
class Phrase:
    """These words exactly, side by side."""

    text: str
    title: bool = False

    def echo(self) -> str:
        return _in_title(self.title, f'"{self.text}"')


@dataclass(frozen=True, slots=True)
class Prefix:
    """A word that begins with `text`; of several words tied together, the last one does."""

    text: str
    title: bool = False

    def echo(self) -> str:
        return _in_title(self.title, f"{self.text}*")


@dataclass(frozen=True, slots=True)
class Near:
    """These words exactly, in any order, at most `apart` others among them; `netz*` stands for a beginning."""

    text: str
    apart: int
    title: bool = False

    def echo(self) -> str:
        return _in_title(self.title, f'"{self.text}"~{self.apart}')


@dataclass(frozen=True, slots=True)
class Is:
    """The facet has this value. Organisations are folded, countries upper case, themes and languages are ids.

    A source is taken as it is written or in lower case, as ids are.
    """

    facet: Facet
    value: str

    @property
    def values(self) -> tuple[str, ...]:
        """What the item's own value may be."""
        lower = self.value.casefold()
        return (self.value, lower) if self.facet is Facet.SOURCE and lower != self.value else (self.value,)

    def echo(self) -> str:
        value = self.value if _BARE.fullmatch(self.value) else f'"{self.value}"'
        return f"{self.facet}:{value}"


@dataclass(frozen=True, slots=True)
class Sure:
    """The item has the theme, and its score compares with `value`, 0..1."""

    theme: str
    sign: Sign
    value: float

    def echo(self) -> str:
        return f"theme:{self.theme}:{self.sign}{self.value:g}"


@dataclass(frozen=True, slots=True)
class Tagged:
    """The item was tagged by the model whose name begins so: `vigie-1` is every generation of it."""

    model: str

    def echo(self) -> str:
        return f"model:{self.model}" if _BARE.fullmatch(self.model) else f'model:"{self.model}"'


@dataclass(frozen=True, slots=True)
class Announces:
    """The item announces a call or an event."""

    kind: Announcement

    def echo(self) -> str:
        return f"is:{self.kind}"


@dataclass(frozen=True, slots=True)
class Deadline:
    """The item announces a call whose deadline lies in [first, end); `written` is what says so."""

    written: str
    first: date = field(compare=False)
    end: date = field(compare=False)

    def echo(self) -> str:
        return f"deadline:{self.written}"


@dataclass(frozen=True, slots=True)
class FrancoGerman:
    """The item is about something German and French together."""

    def echo(self) -> str:
        return "is:franco-german"


@dataclass(frozen=True, slots=True)
class Spikes:
    """A theme, an organisation or a word went far above its own rhythm when the item came."""

    def echo(self) -> str:
        return "is:spike"


@dataclass(frozen=True, slots=True)
class Sovereignty:
    """The sovereignty score compares with `value`, 0..1."""

    sign: Sign
    value: float

    def echo(self) -> str:
        return f"sovereignty:{self.sign}{self.value:g}"


@dataclass(frozen=True, slots=True)
class After:
    """Published (else first seen) on or after the day, or the first day of the month or year, `written`."""

    written: str
    day: date = field(compare=False)

    def echo(self) -> str:
        return f"after:{self.written}"


@dataclass(frozen=True, slots=True)
class Before:
    """Published (else first seen) before the day, or the first day of the month or year, `written`."""

    written: str
    day: date = field(compare=False)

    def echo(self) -> str:
        return f"before:{self.written}"


@dataclass(frozen=True, slots=True)
class Not:
    """`node` does not hold."""

    node: "Node"

    def echo(self) -> str:
        return f"-{_bracketed(self.node)}"


@dataclass(frozen=True, slots=True)
class And:
    """All of `nodes` hold; at least two."""

    nodes: tuple["Node", ...]

    def echo(self) -> str:
        return " ".join(f"({node.echo()})" if isinstance(node, Or) else node.echo() for node in self.nodes)


@dataclass(frozen=True, slots=True)
class Or:
    """One of `nodes` holds at least; at least two."""

    nodes: tuple["Node", ...]

    def echo(self) -> str:
        return " OR ".join(f"({node.echo()})" if isinstance(node, And) else node.echo() for node in self.nodes)


Text = Word | Phrase | Prefix | Near
Mark = FrancoGerman | Announces | Spikes
Compared = Sure | Tagged | Sovereignty | Deadline | After | Before
Leaf = Everything | Word | Phrase | Prefix | Near | Is | Mark | Compared
Node = Leaf | Not | And | Or


def all_of(nodes: list[Node]) -> Node:
    """The conjunction, as flat as can be; of nothing: everything."""
    flat: list[Node] = []
    for node in nodes:
        flat += node.nodes if isinstance(node, And) else () if isinstance(node, Everything) else (node,)
    return And(tuple(flat)) if len(flat) > 1 else flat[0] if flat else Everything()


def any_of(nodes: list[Node]) -> Node:
    """The disjunction, as flat as can be; of nothing: everything."""
    flat: list[Node] = []
    for node in nodes:
        flat += node.nodes if isinstance(node, Or) else () if isinstance(node, Everything) else (node,)
    return Or(tuple(flat)) if len(flat) > 1 else flat[0] if flat else Everything()


def _in_title(title: bool, text: str) -> str:
    return f"title:{text}" if title else text


def _bracketed(node: Node) -> str:
    return f"({node.echo()})" if isinstance(node, And | Or | Not) else node.echo()
