"""Pure. The query grammar: text -> syntax tree.

    energy hydrogen              both words, in any form; compounds that contain them too
    energy OR wind               one of them; AND binds closer than OR; also ODER, OU, UND, ET, NICHT, SAUF
    -coal   NOT coal             not this word
    "hydrogen strategy"          exactly these words, in the quotes of any language, single ones too
    "grid stor*"~5               these words in any order, at most five others among them
    hydro*                       words that begin so
    (a OR b) -c                  brackets
    title:wind  source:inria  theme:health  org:DFKI  country:FR  lang:de  is:franco-german
    sovereignty:>0.6  theme:energy:>0.9  model:vigie-1
    after:2026-03  before:2026-04-15  date:2025-03..2025-06
    is:call  is:event  deadline:2026-05  deadline:>=2026-05-04
    expand:no                    nothing but these words: a search also finds their names in other languages
    DFKI/Inria                   both, each in any form: the name of a body also stands for the body

Quotes and brackets that nobody closed are closed at the end, operators without a neighbour fall away; `repairs`
says so and the echo shows what was understood. Only what would mislead in silence is an error: an unknown field or
theme, a date or a number that is none, a field without a value, and something written of which nothing is left to
ask: it would find everything.

Small words that carry no meaning (the, der, les) are passed over where other words are left: items in another
language lack them.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Final

from shared.query.bodies import tied
from shared.query.fields import EXPAND, FIELDS, TITLE, expands, field_node, unknown_field
from shared.query.lexer import OPERATORS, Kind, Lexeme, lexemes, trimmed
from shared.query.small_words import without_small_words
from shared.query.tree import Everything, Near, Node, Not, Or, Phrase, Prefix, Word, all_of, any_of
from shared.query.wrong import wrong
from shared.text.fold import loosely

LONGEST: Final = 4_000  # characters of a query
MOST: Final = 200  # conditions of a query: databases refuse expressions of a thousand
FARTHEST: Final = 50  # words among those of a proximity
_DEEPEST: Final = 40  # brackets in brackets

_FIELD: Final = re.compile(r"([^\W\d_][\w-]*):(.*)", re.DOTALL)
_WEB: Final = re.compile(r"(?:https?|ftp|mailto|doi|urn|file|data|tel|feed):|[^:]*://", re.IGNORECASE)
_GENDERED: Final = re.compile(r"[^:]{3,}:(?:in|innen|r|n|e|m|s|er|en|frau|frauen)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Query:
    """A query understood.

    `repairs` names what was put right (quote, bracket, operator, sign), `places` where each was first;
    `passed` are the small words that are not looked for. `expands`: a search may also ask for what names the same
    in other languages.
    """

    node: Node
    repairs: tuple[str, ...] = field(default=(), compare=False)
    places: tuple[int, ...] = field(default=(), compare=False)
    passed: tuple[str, ...] = field(default=(), compare=False)
    expands: bool = field(default=True, compare=False)

    def echo(self) -> str:
        """The query as understood; it parses to the same query."""
        if self.expands:
            return self.node.echo()
        words = f"({self.node.echo()})" if isinstance(self.node, Or) else self.node.echo()
        return f"{words} {EXPAND}:no".strip()


def parse(text: str) -> Query:
    """The query that `text` means; empty text means everything. Raises QueryError with a position."""
    if len(text) > LONGEST:
        raise wrong("too_long", LONGEST, most=LONGEST)
    repairs: dict[str, int] = {}
    reader = _Reader(list(lexemes(text, repairs)), repairs)
    node, passed = without_small_words(reader.query())
    if isinstance(node, Everything) and (repairs or (text.strip() and not reader.chose)):
        what = min(repairs, key=lambda repair: repairs[repair], default="sign")
        raise wrong(what, repairs.get(what, len(text) - len(text.lstrip())))
    return Query(node, tuple(repairs), tuple(repairs.values()), passed, reader.expands)


class _Reader:
    """Recursive descent over the lexemes of one query."""

    def __init__(self, found: list[Lexeme], repairs: dict[str, int]) -> None:
        self._lexemes = found
        self._repairs = repairs
        self._at = 0
        self._depth = 0
        self._leaves = 0
        self.expands = True
        self.chose = False  # whether `expand:` was written

    def query(self) -> Node:
        nodes = [self._alternatives("")]
        while self._at < len(self._lexemes):  # a closing bracket that nothing opened
            self._repaired("bracket", self._next())
            nodes.append(self._alternatives(""))
        return all_of(nodes)

    def _alternatives(self, field_: str) -> Node:
        nodes, operator = [self._row(field_)], None
        while self._kind() is Kind.OR:
            operator = self._next()
            nodes.append(self._row(field_))
        if operator and Everything() in nodes:
            self._repaired("operator", operator)
        return any_of(nodes)

    def _row(self, field_: str) -> Node:
        nodes: list[Node] = []
        while self._kind() not in (None, Kind.OR, Kind.CLOSE):
            if self._kind() is Kind.AND:
                self._joined(self._next(), begins=not nodes)
            else:
                nodes.append(self._one(field_))
        return all_of(nodes)

    def _joined(self, operator: Lexeme, *, begins: bool) -> None:
        if begins or self._kind() in (None, Kind.OR, Kind.AND, Kind.CLOSE):
            self._repaired("operator", operator)

    def _one(self, field_: str) -> Node:
        if self._kind() is Kind.NOT:
            return self._denied(field_)
        lexeme = self._next()
        if lexeme.kind is Kind.OPEN:
            return self._bracket(lexeme, field_)
        if lexeme.kind is Kind.QUOTED:
            return self._quoted(field_, lexeme)
        return self._word(lexeme, field_)

    def _denied(self, field_: str) -> Node:
        while self._kind() is Kind.NOT:
            sign = self._next()
        if self._kind() in (None, Kind.OR, Kind.AND, Kind.CLOSE):
            self._repaired("operator", sign)
            return Everything()
        node = self._one(field_)
        return node if isinstance(node, Everything) else Not(node)

    def _bracket(self, opened: Lexeme, field_: str) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise wrong("too_deep", opened.position, most=_DEEPEST)
        node = self._alternatives(field_)
        self._depth -= 1
        if self._kind() is Kind.CLOSE:
            self._next()
        else:
            self._repaired("bracket", opened)
        return node

    def _word(self, lexeme: Lexeme, field_: str) -> Node:
        if field_:
            return self._leaf(field_, lexeme.text, lexeme.position)
        text, skipped = _trimmed_left(lexeme.text)
        position = lexeme.position + skipped
        named = _FIELD.fullmatch(text)
        if not named or _WEB.match(text):
            return self._leaf("", text, position)
        name = FIELDS.get(loosely(named[1]))
        if name is None:
            if _GENDERED.match(text) or not trimmed(named[2])[0]:  # Bürger:innen; `KI:` at the head of a title
                return self._leaf("", text, position)
            raise unknown_field(named[1], position)
        if named[2]:
            return self._leaf(name, named[2], position + len(named[1]) + 1)
        return self._value(name, position)

    def _value(self, name: str, position: int) -> Node:
        """What follows `name:` at a distance: a bracket, a quoted or a bare word."""
        if self._kind() not in (Kind.OPEN, Kind.QUOTED, Kind.WORD):
            raise wrong("field", position)
        lexeme = self._next()
        if lexeme.kind is Kind.OPEN:
            node = self._bracket(lexeme, name)
            if isinstance(node, Everything) and name != EXPAND:
                raise wrong("field", lexeme.position)
            return node
        if name == "sovereignty" and self._kind() is Kind.WORD and not trimmed(lexeme.text)[0]:
            lexeme = replace(lexeme, text=lexeme.text + self._next().text)  # sovereignty: > 0.6
        if lexeme.kind is Kind.QUOTED:
            return self._quoted(name, lexeme)
        return self._leaf(name, lexeme.text, lexeme.position)

    def _leaf(self, name: str, text: str, position: int) -> Node:
        self._counted(position)
        if name not in ("", TITLE):
            return self._facet(name, text, position)
        plain, skipped = trimmed(text)
        if not plain and name == TITLE:
            raise wrong("field", position)
        if not plain:
            self._repairs.setdefault("sign", position)
            return Everything()
        if plain in OPERATORS:  # `OR.`; bare it would be read as the operator
            plain = plain.lower()
        begins = text[skipped + len(plain) :].startswith("*")
        whole = Prefix(plain, name == TITLE) if begins else Word(plain, name == TITLE)
        parts = tied(whole)
        for _ in parts[1:]:
            self._counted(position)
        return all_of(list(parts))

    def _quoted(self, name: str, lexeme: Lexeme) -> Node:
        if name not in ("", TITLE):
            return self._leaf(name, lexeme.text, lexeme.position)
        self._counted(lexeme.position)
        plain, skipped = trimmed(lexeme.text)
        if not plain and name == TITLE:
            raise wrong("field", lexeme.position)
        if not plain:
            self._repairs.setdefault("sign", lexeme.position)
            return Everything()
        if lexeme.apart is None:
            return Phrase(" ".join(plain.split()), name == TITLE)
        if lexeme.apart > FARTHEST:
            raise wrong("too_far", lexeme.position, most=FARTHEST)
        star = lexeme.text[skipped + len(plain) :].startswith("*")
        return Near(" ".join(plain.split()) + "*" * star, lexeme.apart, name == TITLE)

    def _counted(self, position: int) -> None:
        self._leaves += 1
        if self._leaves > MOST:
            raise wrong("too_many", position, most=MOST)

    def _facet(self, name: str, text: str, position: int) -> Node:
        value = text.strip()
        if not trimmed(value)[0]:
            raise wrong("field", position)
        if name == EXPAND:
            self.chose, self.expands = True, expands(value, position)
            return Everything()
        return field_node(name, value, position)

    def _repaired(self, what: str, at: Lexeme) -> None:
        self._repairs.setdefault(what, at.position)

    def _kind(self) -> Kind | None:
        return self._lexemes[self._at].kind if self._at < len(self._lexemes) else None

    def _next(self) -> Lexeme:
        self._at += 1
        return self._lexemes[self._at - 1]


def _trimmed_left(text: str) -> tuple[str, int]:
    """`text` from its first letter or digit, and where that is."""
    _, start = trimmed(text)
    return text[start:], start
