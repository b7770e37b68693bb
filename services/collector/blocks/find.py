"""Pure. The blocks of a page, the best first."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from typing import Final

from services.collector.blocks import score
from services.collector.blocks.cards import Card, cards, common
from services.collector.blocks.groups import FEWEST, Anchor, Row, anchors_of, groups, overlapping, rows
from services.collector.blocks.tree import Tree

NEARLY: Final = 1.0
ALIKE: Final = 0.8
FEW: Final = 0.4  # share of dated entries that is none
SPLIT: Final = 0.5  # share of further links that stand inside of entries
SHORTER: Final = 0.5  # of the usual length of a title


@dataclass(frozen=True, slots=True)
class Block:
    """Entries in like places, what speaks for them, and how much in all."""

    rows: Sequence[Row]
    cards: Sequence[Card]
    parts: score.Parts
    total: float
    kind: str = ""


def blocks(tree: Tree, base: str, zone: tzinfo, today: date | None = None) -> list[Block]:
    """Every block of the page, the best first. `today` is when it was read."""
    anchors = anchors_of(tree, base)
    found = [block for group in groups(tree, anchors) if (block := _block(tree, group, base, zone, today))]
    found.sort(key=lambda block: -block.total)
    return [_of_one_kind(tree, _joined(_widest(tree, found), found)), *found] if found else []


def _widest(tree: Tree, found: Sequence[Block]) -> Block:
    """The best block, or the widest of those nearly as good that hold all of it: odd and even rows are one."""
    best = found[0]
    urls = {card.url for card in best.cards}
    whole = [
        block
        for block in found
        if block.total >= best.total - NEARLY
        and block.parts.away <= best.parts.away + 0.05  # not the menu with it
        and urls <= {card.url for card in block.cards}
        and not _splits(tree, best, block)
        and _like(best, [card for card in block.cards if card.url not in urls])
    ]
    return max(whole, key=lambda block: (len(block.cards), block.total))


def _splits(tree: Tree, best: Block, wider: Block) -> bool:
    """Whether the wider block makes two of each entry: its ministry and its release."""
    urls = {row.anchor.url for row in best.rows}
    more = [row.anchor.node for row in wider.rows if row.anchor.url not in urls]
    starts = [row.start for row in best.rows]
    inside = sum(
        at >= 0 and node < tree.ends[starts[at]] for node in more for at in (bisect_right(starts, node) - 1,)
    )
    return inside > SPLIT * len(more)


def _joined(best: Block, found: Sequence[Block]) -> Block:
    """The block with others of its kind: the same entries in another column, or in several groups."""
    rows_, cards_ = list(best.rows), list(best.cards)
    for other in found:
        if other is best or other.total < ALIKE * best.total or not _alike(best, other):
            continue
        known = {card.url for card in cards_}
        if (
            any(card.url in known for card in other.cards)
            or overlapping(rows_, other.rows)
            or overlapping(other.rows, rows_)
        ):
            continue
        if not _like(best, other.cards):
            continue
        rows_ = sorted((*rows_, *other.rows), key=lambda row: row.start)
        cards_ = [*cards_, *other.cards]
    return Block(tuple(rows_), tuple(cards_), best.parts, best.total, best.kind)


def _alike(one: Block, other: Block) -> bool:
    return one.kind == other.kind and abs(one.parts.headed - other.parts.headed) < 0.3


def _like(best: Block, more: Sequence[Card]) -> bool:
    """Whether further entries look like those of the block: a menu has no dates, and shorter titles."""
    if not more:
        return True
    # one or two without a date may be what the page puts first
    undated = len(more) >= FEWEST and best.parts.dated >= ALIKE and _dated(more) < FEW
    return not undated and _letters(more) >= SHORTER * _letters(best.cards)


def of_one_kind(tree: Tree, rows_: Sequence[Row], entries: Sequence[Card]) -> tuple[Sequence[Row], Sequence[Card]]:
    """Rows and cards without those of a place where none is dated although elsewhere all are: "most read"."""
    by_url = {card.url: card for card in entries}
    places: dict[int, list[Card]] = defaultdict(list)
    for row in rows_:
        if row.anchor.url in by_url:
            places[tree.parents[row.start]].append(by_url[row.anchor.url])
    many = [found for found in places.values() if len(found) >= FEWEST]
    if not any(_dated(found) >= ALIKE for found in many):
        return rows_, entries
    out = {card.url for found in many if _dated(found) < FEW for card in found}
    return [row for row in rows_ if row.anchor.url not in out], [card for card in entries if card.url not in out]


def _of_one_kind(tree: Tree, block: Block) -> Block:
    kept, entries = of_one_kind(tree, block.rows, block.cards)
    return replace(block, rows=tuple(kept), cards=tuple(entries))


def _dated(entries: Sequence[Card]) -> float:
    return sum(card.dated is not None for card in entries) / len(entries)


def _letters(entries: Sequence[Card]) -> float:
    """How long their titles are."""
    return sum(len(card.title) for card in entries) / len(entries)


def _block(tree: Tree, group: Sequence[Anchor], base: str, zone: tzinfo, today: date | None) -> Block | None:
    made = rows(tree, group)
    entries = cards(tree, made, zone, today)
    if len(entries) < FEWEST:
        return None
    parts = score.parts(tree, made, entries, base)
    return Block(made, entries, parts, score.total(parts), common([tree.keys[row.start] for row in made]))


__all__ = ["Block", "blocks", "overlapping"]
