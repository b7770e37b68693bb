"""Pure. An HTML page as flat arrays: what looking for repeated blocks asks again and again costs a subtraction.

Nodes are numbered in document order, so that a subtree is an interval of numbers, and its words are an interval of
the page's pieces of text.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urljoin

from lxml import etree, html

from services.collector.bounds import check_page
from shared.errors import NotAFeed

MOST_NODES: Final = 60_000
DROPPED: Final = frozenset(
    "script style noscript template svg iframe select object video audio textarea head math canvas".split()
)
IN_HEAD: Final = frozenset("title meta link base basefont script style noscript template object".split())
HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
INLINE: Final = frozenset(
    "a abbr b bdi bdo cite code em font i ins kbd mark q s small span strong sub sup u var wbr".split()
)
_HIDDEN: Final = re.compile(
    r"(^|[\s_-])(sr-only|visually-?hidden|screen-?reader(-text)?|invisible|assistive-text|element-invisible|aural)($|[\s_-])"
)
_UNSEEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
_OWN: Final = re.compile(
    r"^([a-z]+-)?\d+$|^(odd|even|first|last|active|current|alt\d*|has-.*|tag-.*|category-.*)$"
)
_NUMBER: Final = re.compile(r"\d+")


class Tree:
    """A page. `keys` name a node by tag and by those of its classes that its like share."""

    def __init__(self, root: html.HtmlElement) -> None:
        self.tags: list[str] = []
        self.keys: list[str] = []
        self.words: list[str] = []  # classes and id, lower case, for what a place is called
        self.parents: list[int] = []
        self.ends: list[int] = []
        self.nodes: list[html.HtmlElement] = []
        self.pieces: list[str] = []
        self.piece_nodes: list[int] = []
        self.glued: list[bool] = []  # whether a piece follows the one before it without a space
        self._open = False  # whether the next piece would
        self._letters = [0]
        self._linked = [0]
        self._first: list[int] = []
        self._last: list[int] = []
        self._walk(root)

    def __len__(self) -> int:
        return len(self.tags)

    def text(self, start: int, end: int) -> str:
        """The words of the nodes from `start` to before `end`, white space evened out."""
        return self.joined(*self.span(start, end))

    def joined(self, first: int, last: int) -> str:
        """Pieces of text as they are read."""
        return "".join(
            piece if at == first or self.glued[at] else f" {piece}"
            for at, piece in enumerate(self.pieces[first:last], first)
        )

    def letters(self, start: int, end: int) -> int:
        first, last = self.span(start, end)
        return self._letters[last] - self._letters[first]

    def linked(self, start: int, end: int) -> int:
        """How many of the letters stand in links."""
        first, last = self.span(start, end)
        return self._linked[last] - self._linked[first]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The pieces of text of the nodes from `start` to before `end`: (first, behind the last)."""
        if end == self.ends[start]:  # what follows a node in its parent is not its own
            return self._first[start], self._last[start]
        return self._first[start], self._first[end] if end < len(self._first) else len(self.pieces)

    def subtree(self, node: int) -> str:
        return self.text(node, self.ends[node])

    def ancestors(self, node: int) -> Iterator[int]:
        """The node's parent, and so on to the root."""
        node = self.parents[node]
        while node >= 0:
            yield node
            node = self.parents[node]

    def children(self, node: int) -> Iterator[int]:
        child = node + 1
        while child < self.ends[node]:
            yield child
            child = self.ends[child]

    def _walk(self, root: html.HtmlElement) -> None:
        stack: list[tuple[Any, int, bool]] = [(root, -1, False)]
        # (element, parent, in a link); an element whose place is taken is on the stack once more, to be ended
        while stack:
            element, parent, linked = stack.pop()
            if parent < -1:  # the end of a node
                self._edge(-parent - 2)
                self.ends[-parent - 2] = len(self.tags)
                self._last[-parent - 2] = len(self.pieces)
                self._piece(element, self.parents[-parent - 2], linked)
                continue
            if not isinstance(element.tag, str) or element.tag in DROPPED or _is_hidden(element):
                self._piece(element.tail, parent, linked)
                continue
            if len(self.tags) >= MOST_NODES:
                raise NotAFeed(f"the page has more than {MOST_NODES} elements")
            node = self._add(element, parent)
            stack.append((element.tail, -node - 2, linked))
            inside = linked or element.tag == "a"
            self._piece(element.text, node, inside)
            stack.extend((child, node, inside) for child in reversed(element))

    def _add(self, element: html.HtmlElement, parent: int) -> int:
        classes = (element.get("class") or "").lower().split()
        shared = sorted({_NUMBER.sub("#", name) for name in classes if not _OWN.match(name)})
        self.tags.append(element.tag)
        self.keys.append(".".join((element.tag, *shared[:4])))
        self.words.append(" ".join((*classes, (element.get("id") or "").lower(), element.get("role") or "")))
        self.parents.append(parent)
        self.ends.append(0)
        self.nodes.append(element)
        self._edge(len(self.tags) - 1)
        self._first.append(len(self.pieces))
        self._last.append(0)
        return len(self.tags) - 1

    def _edge(self, node: int) -> None:
        """Words on both sides of a block's edge are never one word."""
        self._open = self._open and self.tags[node] in INLINE

    def _piece(self, text: str | None, node: int, linked: bool) -> None:
        if not text:
            return
        clean = " ".join(text.split())
        if not clean:
            self._open = False
            return
        self.glued.append(self._open and not text[0].isspace())
        self._open = not text[-1].isspace()
        self.pieces.append(clean)
        self.piece_nodes.append(node)
        self._letters.append(self._letters[-1] + len(clean))
        self._linked.append(self._linked[-1] + (len(clean) if linked else 0))


def parsed(text: str) -> html.HtmlElement:
    """The page's root element. Raises NotAFeed for what is no HTML."""
    check_page(text)
    try:
        root = html.document_fromstring(
            text.encode("utf-8", "replace"),
            html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True),
        )
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise NotAFeed(f"this is no HTML page: {error}") from error
    _end_the_head(root)
    return root


def _end_the_head(root: html.HtmlElement) -> None:
    """Its first element that belongs to a body begins one: the parser, older than `<main>`, waits for `<body>`."""
    head = root.find("head")
    children = list(head) if head is not None else []
    first = next((at for at, child in enumerate(children) if child.tag not in IN_HEAD), None)
    if first is None:
        return
    body = root.find("body")
    if body is None:
        body = etree.SubElement(root, "body")
    body[:0] = children[first:]


def _is_hidden(element: html.HtmlElement) -> bool:
    if element.get("hidden") is not None or (element.get("aria-hidden") == "true" and element.tag != "a"):
        return element.get("aria-hidden") != "true" or not element.xpath("boolean(.//a[@href])")
    classes, style = element.get("class"), element.get("style")
    return bool((classes and _HIDDEN.search(classes.lower())) or (style and _UNSEEN.search(style.lower())))


def base_of(root: html.HtmlElement, url: str) -> str:
    """What relative links of the page are relative to."""
    for element in root.iter("base"):
        if element.get("href"):
            with suppress(ValueError):  # an address that is none
                return urljoin(url, str(element.get("href")).strip())
    return url
