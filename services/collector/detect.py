"""Pure. A page without selectors to its entries: the best block, where the page is a listing at all.

Once a person has accepted a block, or the first page left no doubt, later pages are read by its shape.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from lxml import html

from services.collector.blocks.ago import moment_of_age
from services.collector.blocks.cards import Card, cards
from services.collector.blocks.find import Block, blocks, of_one_kind
from services.collector.blocks.groups import anchors_of
from services.collector.blocks.judge import Judgement, judged, scripted
from services.collector.blocks.tree import Tree, base_of, parsed
from services.collector.encoding import decode
from services.collector.entries import LONGEST_RAW, ParsedEntry, ParsedFeed, primary_subtag
from services.collector.shape import Shape, differs, rows_of, shape_of
from shared.errors import NotAFeed, Trouble
from shared.web.client import Fetched


@dataclass(frozen=True, slots=True)
class Detected:
    """What a page shows: its entries, how sure that is, and the second best block's titles, to compare."""

    feed: ParsedFeed
    judgement: Judgement
    shape: Shape
    second: tuple[str, ...] = ()


class NeedsDecision(NotAFeed):
    """A page that only a person can decide about. `proposal` is the block that it shows, if any."""

    def __init__(self, message: str, trouble: Trouble, proposal: Shape | None) -> None:
        super().__init__(message)
        self.trouble, self.proposal = trouble, proposal


def read_listing(fetched: Fetched, shape: Shape | None, zone: tzinfo) -> Detected:
    """A page of a source: by its accepted shape, else by its own strong evidence.

    Raises NeedsDecision where the page differs from the shape, or shows a block that a person must look at first,
    and NotAFeed where it is no listing.
    """
    if shape is None:
        found = detect_listing(fetched, zone)
        if found.judgement.strong:
            return found
        told = f"{len(found.feed.entries)} entries were found, and wait for somebody to accept them"
        raise NeedsDecision(told, Trouble.WAITS, found.shape)
    root, tree, base = _page(fetched)
    rows = rows_of(tree, anchors_of(tree, base), shape)
    _, made = of_one_kind(tree, rows, cards(tree, rows, zone, _day(fetched, zone)))
    if why := differs(shape, made):
        raise NeedsDecision(f"the page was rebuilt: {why}", Trouble.REBUILT, _proposal(fetched, zone))
    return Detected(_feed(root, fetched, made, zone), Judgement(0.0, ()), shape)


def _proposal(fetched: Fetched, zone: tzinfo) -> Shape | None:
    with suppress(NotAFeed):
        return detect_listing(fetched, zone).shape
    return None


def detect_listing(fetched: Fetched, zone: tzinfo) -> Detected:
    """The entries that the page lists. Raises NotAFeed, in words, where it is no listing."""
    root, tree, base = _page(fetched)
    found = blocks(tree, base, zone, _day(fetched, zone))
    if not found:
        if scripted(root, tree):
            raise NotAFeed("the page holds no entries: a script fills it, which only a browser runs")
        raise NotAFeed("the page is no listing: no three links stand in like places")
    judgement = judged(root, tree, found[0], base)
    if not judgement.listing:
        raise NotAFeed(f"the page does not look like a listing: {'; '.join(judgement.reasons)}")
    shape = shape_of(tree, found[0].rows, found[0].cards)
    return Detected(_feed(root, fetched, found[0].cards, zone), judgement, shape, _second(found))


def _page(fetched: Fetched) -> tuple[html.HtmlElement, Tree, str]:
    root = parsed(decode(fetched.body, fetched.content_type))
    return root, Tree(root), base_of(root, fetched.url)


def _day(fetched: Fetched, zone: tzinfo) -> date | None:
    """The day on which the page was read, as its publisher counts days."""
    return fetched.at.astimezone(zone).date() if fetched.at else None


def _feed(root: html.HtmlElement, fetched: Fetched, made: Sequence[Card], zone: tzinfo) -> ParsedFeed:
    return ParsedFeed(
        "listing",
        tuple(_entry(card, fetched.at, zone) for card in made),
        language=primary_subtag(root.get("lang")),
        title=" ".join((root.findtext(".//title") or "").split())[:200],
        site=fetched.url,
    )


def _second(found: list[Block]) -> tuple[str, ...]:
    known = {card.url for card in found[0].cards}
    for block in found[1:]:
        if not known & {card.url for card in block.cards}:
            return tuple(card.title for card in block.cards)
    return ()


def _entry(card: Card, at: datetime | None, zone: tzinfo) -> ParsedEntry:
    dated = (at and moment_of_age(card.written, at, zone)) or card.dated
    return ParsedEntry(
        guid=None,
        url=card.url,
        title=card.title,
        summary=card.teaser,
        published=dated.moment if dated else None,
        published_on=dated.day if dated else None,
        published_raw=card.written[:LONGEST_RAW] or None,
    )
