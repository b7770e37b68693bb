"""Pure. How much a group of links looks like the entries of a listing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import log2
from typing import Final
from urllib.parse import urlsplit

from services.collector.blocks.cards import Card
from services.collector.blocks.groups import Row
from services.collector.blocks.tree import Tree

_AWAY: Final = re.compile(
    r"(?<![a-z])(nav|navi|navigation|navbar|menu|menue|submenu|footer|fuss|breadcrumbs?|sidebar|aside|social|share|sharing"
    r"|cookie|comments?|kommentare?|pagination|pager|tagcloud|tag-cloud|login|related|mostread|most-read|popular"
    r"|trending|sponsors?|partners?|promo|similar|recommend(ed|ations)?|language|metanav|servicenav|skip)(?![a-z])"
)
_SLUG: Final = re.compile(r"[^/]*[a-z0-9]+([-_][a-z0-9]+){2,}|\d{3,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parts:
    """What speaks for a block, each from 0 to 1. `away` speaks against it."""

    many: float
    titles: float
    headed: float
    dated: float
    teasers: float
    addresses: float
    distinct: float
    mass: float
    own: float
    away: float


WEIGHTS: Final = Parts(
    many=1.2,
    titles=2.4,
    headed=1.2,
    dated=1.6,
    teasers=0.8,
    addresses=0.8,
    distinct=0.8,
    mass=2.2,
    own=1.0,
    away=-2.4,
)


def parts(tree: Tree, rows: Sequence[Row], cards: Sequence[Card], base: str) -> Parts:
    number = len(cards)
    host = urlsplit(base).hostname or ""
    whole = max(1, tree.letters(0, len(tree)))
    covered = sum(tree.letters(row.start, row.end) for row in rows)
    return Parts(
        many=min(1.0, log2(number) / log2(20)),
        titles=sum(_looks_like_a_title(card.title) for card in cards) / number,
        headed=sum(card.headed for card in cards) / number,
        dated=sum(card.dated is not None for card in cards) / number,
        teasers=sum(bool(card.teaser) for card in cards) / number,
        addresses=sum(_looks_like_an_entry(card.url, host) for card in cards) / number,
        distinct=len({card.title for card in cards}) / max(number, len(rows)),
        mass=min(1.0, 1.5 * covered / whole),
        own=sum(card.own for card in cards) / number,
        away=sum(_is_away(tree, row) for row in rows) / len(rows),
    )


def total(found: Parts) -> float:
    return float(sum(getattr(found, part.name) * getattr(WEIGHTS, part.name) for part in fields(Parts)))


def _looks_like_a_title(title: str) -> float:
    words = len(title.split())
    if words >= 4 and 20 <= len(title) <= 300:
        return 1.0
    return 0.5 if words >= 2 and len(title) >= 10 else 0.0


def _looks_like_an_entry(url: str, host: str) -> bool:
    parts_ = urlsplit(url)
    same = (parts_.hostname or "").removeprefix("www.").endswith(host.removeprefix("www."))
    return same and bool(_SLUG.search(f"{parts_.path}?{parts_.query}"))


def _is_away(tree: Tree, row: Row) -> float:
    """Whether the row stands in navigation, footer, sidebar: by the tag around it, or partly by its name."""
    called = 0.0
    for node in (row.anchor.node, *tree.ancestors(row.anchor.node)):
        tag = tree.tags[node]
        if tag in ("nav", "footer", "aside") or (tag == "header" and tree.ends[node] > row.end + 40):
            return 1.0
        if tag in ("body", "main", "html"):
            break
        if _AWAY.search(tree.words[node]):
            called = 0.6
    return called
