"""Pure. The accepted shape of a listing page: what a person saw and agreed to, and how a later page is held to it.

A page is read by the stored rule, so that one with a single entry is read too. A page on which the rule finds
nothing, or nothing dated where most were dated, was rebuilt: that is said, with the block that it has now beside
the one it had. It is never "no news".
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from services.collector.blocks.cards import Card
from services.collector.blocks.groups import Anchor, Row, near, region_end
from services.collector.blocks.tree import Tree

MOST_RULES: Final = 8
SAMPLES: Final = 12
MOSTLY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Rule:
    """Where entries stand: the key of the element that holds one, and those of its link and what is around it."""

    item: str
    link: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A block as it was accepted. `dated` is the share of dated entries, `prefix` what their addresses begin with.

    `samples` are some of its links with their titles, for people who compare.
    """

    rules: tuple[Rule, ...]
    prefix: str
    count: int
    dated: float
    samples: tuple[tuple[str, str], ...]

    def stored(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)


def restored(values: Mapping[str, Any]) -> Shape:
    """The shape that `stored` gave."""
    return Shape(
        rules=tuple(Rule(rule["item"], tuple(rule["link"])) for rule in values["rules"]),
        prefix=values["prefix"],
        count=values["count"],
        dated=values["dated"],
        samples=tuple((url, title) for url, title in values["samples"]),
    )


def shape_of(tree: Tree, rows: Sequence[Row], cards: Sequence[Card]) -> Shape:
    """What there is to accept of a block."""
    rules = dict.fromkeys(Rule(tree.keys[row.start], near(tree, row.anchor.node)) for row in rows)
    return Shape(
        rules=tuple(rules)[:MOST_RULES],
        prefix=_prefix([card.url for card in cards]),
        count=len(cards),
        dated=sum(card.dated is not None for card in cards) / len(cards),
        samples=tuple((card.url, card.title) for card in cards[:SAMPLES]),
    )


def rows_of(tree: Tree, anchors: Sequence[Anchor], shape: Shape) -> tuple[Row, ...]:
    """The entries of a page by the rules of a shape, in the order of the page."""
    found = [(anchor, root) for anchor in anchors if (root := _root(tree, anchor, shape.rules)) is not None]
    firsts = [pair for at, pair in enumerate(found) if not at or found[at - 1][1] != pair[1]]
    rows: list[Row] = []
    for at, (anchor, root) in enumerate(firsts):
        following = firsts[at + 1][1] if at + 1 < len(firsts) else len(tree)
        before = rows[-1].end if rows else max(0, tree.parents[root])
        rows.append(Row(anchor, root, max(tree.ends[root], region_end(tree, root, following)), before))
    return tuple(rows)


def differs(shape: Shape, cards: Sequence[Card]) -> str:
    """Why a page does not show what was accepted; empty when it does."""
    if not cards:
        return "none of the accepted entries is where it was"
    dated = sum(card.dated is not None for card in cards) / len(cards)
    if shape.dated >= MOSTLY and not dated:
        return "the entries have no dates any more"
    if shape.prefix and not any(card.url.startswith(shape.prefix) for card in cards):
        return f"no entry leads to {shape.prefix} any more"
    return ""


def _root(tree: Tree, anchor: Anchor, rules: Sequence[Rule]) -> int | None:
    """The element around the link that holds the entry, by the first rule that fits."""
    keys = near(tree, anchor.node)
    for rule in rules:
        if rule.link == keys:
            for node in (anchor.node, *tree.ancestors(anchor.node)):
                if tree.keys[node] == rule.item:
                    return node
    return None


def _prefix(urls: Sequence[str]) -> str:
    """The folder that all addresses lie in, down to the first with a number, as of a year; empty without one."""
    split = [(urlsplit(url), urlsplit(url).path.split("/")[:-1]) for url in urls]
    if len({parts.netloc for parts, _ in split}) != 1:
        return ""
    folders = []
    for level in zip(*(path for _, path in split), strict=False):
        if len(set(level)) > 1 or any(map(str.isdigit, level[0])):
            break
        folders.append(level[0])
    parts = split[0][0]
    return f"{parts.scheme}://{parts.netloc}{'/'.join(folders)}/" if any(folders) else ""
