"""Pure. An HTML mail as lines: what stands together, how big it is written, and where its links lead."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from services.collector.blocks.tree import HEADINGS, INLINE, Tree
from services.collector.newsletter.words import is_more

_BOLD: Final = re.compile(r"font-weight\s*:\s*(bold|[6-9]00)", re.IGNORECASE)
_SIZE: Final = re.compile(r"font-size\s*:\s*([\d.]{1,6})\s*(px|pt|em|rem)", re.IGNORECASE)
_SCALES: Final = {"px": 1.0, "pt": 4 / 3, "em": 16.0, "rem": 16.0}
_TITLED: Final = re.compile(r"(?<![a-z])(title|titel|titre|headline|heading|ueberschrift)(?![a-z])")
MOST_LINES: Final = 5000
USUAL: Final = 14.0  # pixels, where nobody says
BIGGER: Final = 1.2  # times the usual size of a heading that is none by its tag


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link in a line: its address as written, the words on it."""

    href: str
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand on their own.

    `level` is 1 to 6 for a heading, 7 for what is only written like one, 0 for text. `anchors` are its links;
    `whole` says that the line is nothing but links. `pictures` are links that stand above it without a word.
    """

    text: str
    level: int
    anchors: tuple[Anchor, ...]
    whole: bool
    pictures: tuple[Anchor, ...] = ()


def lines_of(tree: Tree) -> list[Line]:
    """The lines of a mail, in order."""
    reading = _Reading(tree)
    usual = reading.usual_size()
    runs = reading.runs()[:MOST_LINES]
    lines = [reading.line(first, last, usual) for first, last in runs]
    for at, anchor in _pictures(tree):
        below = bisect_left(runs, (at, 0))  # the line that begins behind the picture
        if is_more(anchor.words) and anchor.words and 0 < below <= len(lines):
            above = lines[below - 1]  # a button: "read on"
            lines[below - 1] = replace(above, anchors=(*above.anchors, anchor))
        elif below < len(lines):
            lines[below] = replace(lines[below], pictures=(*lines[below].pictures, anchor))
    return lines


def _pictures(tree: Tree) -> Iterator[tuple[int, Anchor]]:
    """Links without a word, each with the number of the piece of text that follows it."""
    for node, tag in enumerate(tree.tags):
        href = tree.nodes[node].get("href") if tag == "a" else None
        first, last = tree.span(node, tree.ends[node])
        if href and first == last:
            images = (tree.nodes[each].get("alt") or "" for each in range(node, tree.ends[node]))
            yield first, Anchor(str(href), " ".join(" ".join(images).split()))


class _Reading:
    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._breaks = {
            tree.span(node, tree.ends[node])[0] for node, tag in enumerate(tree.tags) if tag in ("br", "hr", "img")
        }
        self._style = cache(self._style_of)
        self._block = cache(self._block_of)
        self._link = cache(self._link_of)

    def runs(self) -> list[tuple[int, int]]:
        """Pieces of text that stand in one block, without a break between them: (first, behind the last)."""
        nodes, found, start = self._tree.piece_nodes, list[tuple[int, int]](), 0
        for at in range(1, len(nodes) + 1):
            ends = at == len(nodes) or self._block(nodes[at]) != self._block(nodes[at - 1]) or at in self._breaks
            if ends:
                found.append((start, at))
                start = at
        return found if nodes else []

    def usual_size(self) -> float:
        sizes: Counter[float] = Counter()
        for at, piece in enumerate(self._tree.pieces):
            sizes[self._style(self._tree.piece_nodes[at])[0]] += len(piece)
        return sizes.most_common(1)[0][0] if sizes else USUAL

    def line(self, first: int, last: int, usual: float) -> Line:
        tree = self._tree
        nodes = tree.piece_nodes[first:last]
        anchors: dict[int, list[int]] = {}
        for at in range(first, last):
            if (node := self._link(tree.piece_nodes[at])) >= 0:
                anchors.setdefault(node, []).append(at)
        linked = sum(len(tree.pieces[at]) for group in anchors.values() for at in group)
        whole = linked >= 0.9 * sum(len(piece) for piece in tree.pieces[first:last])
        return Line(
            tree.joined(first, last),
            self._level(nodes, usual),
            tuple(
                Anchor(str(tree.nodes[node].get("href")), " ".join(tree.pieces[at] for at in group))
                for node, group in anchors.items()
            ),
            whole,
        )

    def _level(self, nodes: list[int], usual: float) -> int:
        levels = {self._style(node)[2] for node in nodes}
        if len(levels) == 1 and (level := levels.pop()):
            return level
        styles = [self._style(node) for node in nodes]
        bold = all(style[1] for style in styles)
        big = all(style[0] >= BIGGER * usual for style in styles)
        return 7 if bold or big else 0

    def _style_of(self, node: int) -> tuple[float, bool, int]:
        """(size in pixels, bold, level of the heading) as it is inherited."""
        if node < 0:
            return USUAL, False, 0
        size, bold, level = self._style(self._tree.parents[node])
        tag, element = self._tree.tags[node], self._tree.nodes[node]
        style = element.get("style") or ""
        if found := _SIZE.search(style):
            size = (
                min(200.0, float(found[1].strip(".") or 0) * _SCALES[found[2].lower()])
                if found[1].count(".") < 2
                else size
            )
        if "font-weight" in style:
            bold = bool(_BOLD.search(style))
        elif tag in ("b", "strong", "th") or _TITLED.search(self._tree.words[node]):
            bold = True
        elif tag in ("td", "tr", "table"):
            bold = False
        if tag in HEADINGS:
            level = int(tag[1])
        elif tag in ("td", "tr", "table", "li", "p"):
            level = 0
        return size, bold, level

    def _block_of(self, node: int) -> int:
        while node >= 0 and self._tree.tags[node] in INLINE:
            node = self._tree.parents[node]
        return node

    def _link_of(self, node: int) -> int:
        for each in (node, *self._tree.ancestors(node)):
            if self._tree.tags[each] == "a" and self._tree.nodes[each].get("href"):
                return each
        return -1
