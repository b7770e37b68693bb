"""Pure. A query told in words, for people: "Energie oder Gesundheit, über digitale Souveränität".

A comma joins what must hold together; "or" binds closer, and brackets stand where neither would tell. What a
reader typed stands in quotation marks; names of themes, countries, languages and publishers do not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from babel import Locale

from shared.dates import long_date
from shared.errors import QueryError
from shared.locales import Texts, load_texts
from shared.query.syntax import Query, parse
from shared.query.tree import (
    After,
    And,
    Announces,
    Before,
    Deadline,
    Everything,
    Facet,
    FrancoGerman,
    Is,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Sovereignty,
    Spikes,
    Sure,
    Tagged,
    Text,
    Word,
)
from shared.text.fold import name_key
from shared.text.organisations import load_gazetteer
from shared.themes import themes

PLAIN: Final = (0.5, 0.75)  # between these, "about digital sovereignty" says enough: the portal's box asks for 0.6
_NOBODY: Final[Mapping[str, str]] = {}


def told(
    query: Query, language: str, *, names: Mapping[str, str] = _NOBODY, typed: Callable[[str], str] = str
) -> str:
    """The query in the words of `language`; of an empty one: everything.

    `names` are publishers by their source's id. `typed` is applied to what the reader typed, before it is quoted.
    """
    teller = _Teller(_texts()[language], names, typed)
    return teller.whole(query.node)


def told_text(
    query: str, language: str, *, names: Mapping[str, str] = _NOBODY, typed: Callable[[str], str] = str
) -> str:
    """The same of a query as it is stored; one that the grammar does not know any more is quoted."""
    try:
        return told(parse(query), language, names=names, typed=typed)
    except QueryError:
        return _texts()[language]("quoted", text=typed(query))


@lru_cache(maxsize=1024)  # asked for every mail of a subscription
def sources_named(query: str) -> frozenset[str]:
    """The sources that a query as it is stored names, by their ids."""
    try:
        return frozenset(_sources(parse(query).node))
    except QueryError:
        return frozenset()


@cache
def _texts() -> Mapping[str, Texts]:
    return load_texts(Path(__file__).parent / "words")


@cache
def _bodies() -> Mapping[str, str]:
    """The name of a body as it writes itself, by what a query keeps of it."""
    return {name_key(body.name): body.name for body in load_gazetteer().organisations.values()}


def _sources(node: Node) -> Sequence[str]:
    match node:
        case And(nodes) | Or(nodes):
            return [source for each in nodes for source in _sources(each)]
        case Not(inner):
            return _sources(inner)
        case Is(Facet.SOURCE):
            return node.values
        case _:
            return ()


def _is_thing(leaf: Text | Is) -> bool:
    """Whether its words are a noun, which can be absent; the others say how, where from, by whom."""
    return leaf.facet is Facet.THEME if isinstance(leaf, Is) else not leaf.title


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells the parts of one query in one language."""

    say: Texts
    names: Mapping[str, str]
    typed: Callable[[str], str]
    language: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "language", self.say.language)

    def whole(self, node: Node) -> str:
        match node:
            case Everything():
                return self.say("everything")
            case And(nodes):
                return self._joined(nodes)
            case Or(nodes):
                return f" {self.say('or')} ".join(map(self._part, nodes))
            case _:
                return self._part(node)

    def _joined(self, nodes: Sequence[Node]) -> str:
        """All of them: words that stand in a row by "and", everything else by commas."""
        parts: list[str] = []
        last: Node | None = None
        for node in nodes:
            part = self.whole(node) if isinstance(node, Or) else self._part(node)
            if isinstance(node, Word) and isinstance(last, Word) and node.title == last.title is False:
                parts[-1] += f" {self.say('and')} {part}"
            else:
                parts.append(part)
            last = node
        return ", ".join(parts)

    def _part(self, node: Node) -> str:
        """A part that stands among others: what is joined itself, in brackets."""
        match node:
            case And() | Or():
                return f"({self.whole(node)})"
            case Not(inner):
                thing = isinstance(inner, Word | Phrase | Prefix | Near | Is) and _is_thing(inner)
                return self.say("without" if thing else "not", part=self._part(inner))
            case Word(text, title) | Phrase(text, title) | Prefix(text, title) | Near(text, _, title):
                return self._words(node, text, title=title)
            case Is(facet, value):
                return self._facet(facet, value)
            case FrancoGerman():
                return self.say("franco_german")
            case Spikes():
                return self.say("spike")
            case Announces(kind):
                return self.say(f"announces_{kind}")
            case Sovereignty():
                return self._sovereignty(node)
            case Sure(theme, sign, value):
                percent = f"{round(value * 100)}"
                return self.say("sure", theme=self._facet(Facet.THEME, theme), sign=sign, percent=percent)
            case Deadline(written):
                return self.say("deadline", written=written)
            case Tagged(model):
                return self.say("tagged_by", model=self.typed(model))
            case After(_, day):
                return self.say("after", date=long_date(day, self.language))
            case Before(_, day):
                return self.say("before", date=long_date(day, self.language))
            case _:
                return self.say("quoted", text=self.typed(node.echo()))

    def _words(self, node: Node, text: str, *, title: bool) -> str:
        begins = "…" if isinstance(node, Prefix) else ""
        quoted = self.say("quoted", text=self.typed(text) + begins)
        if isinstance(node, Phrase):
            quoted = self.say("exactly", text=quoted)
        if isinstance(node, Near):
            quoted = self.say("near", text=quoted)
        return self.say("in_title", text=quoted) if title else quoted

    def _facet(self, facet: Facet, value: str) -> str:
        match facet:
            case Facet.THEME:
                known = themes().get(value)
                return known.names[self.language] if known else value
            case Facet.LANGUAGE:
                return self.say(f"in_{value}" if f"in_{value}" in self.say.texts else "in_other")
            case Facet.COUNTRY:
                if f"from_{value}" in self.say.texts:
                    return self.say(f"from_{value}")
                return self.say("from_country", name=str(Locale(self.language).territories.get(value, value)))
            case Facet.SOURCE:
                return self.say("of_source", name=self.names.get(value) or self.typed(value))
            case Facet.STORY:
                return self.say("of_story", name=self.typed(value))
            case Facet.ORGANISATION:
                return self.say("names", name=_bodies().get(value) or self.typed(value))

    def _sovereignty(self, node: Sovereignty) -> str:
        percent = f"{round(node.value * 100)}"
        if node.sign in (">", ">="):
            least, most = PLAIN
            plain = least <= node.value <= most
            return self.say("sovereignty" if plain else "sovereignty_least", percent=percent)
        return self.say("sovereignty_exactly" if node.sign == "=" else "sovereignty_most", percent=percent)
