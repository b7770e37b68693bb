"""Pure. A page without selectors to its entries: the best block, where the page is a listing at all."""

from dataclasses import dataclass
from datetime import tzinfo

from services.collector.blocks.cards import Card
from services.collector.blocks.find import Block, blocks
from services.collector.blocks.judge import Judgement, judged, scripted
from services.collector.blocks.tree import Tree, base_of, parsed
from services.collector.encoding import decode
from services.collector.entries import LONGEST_RAW, ParsedEntry, ParsedFeed, primary_subtag
from shared.errors import NotAFeed
from shared.web.client import Fetched


@dataclass(frozen=True, slots=True)
class Detected:
    """What a page shows: its entries, how sure that is, and the second best block's titles, to compare."""

    feed: ParsedFeed
    judgement: Judgement
    second: tuple[str, ...] = ()


def detect_listing(fetched: Fetched, zone: tzinfo) -> Detected:
    """The entries that the page lists. Raises NotAFeed, in words, where it is no listing."""
    root = parsed(decode(fetched.body, fetched.content_type))
    tree = Tree(root)
    base = base_of(root, fetched.url)
    found = blocks(tree, base, zone)
    if not found:
        if scripted(root, tree):
            raise NotAFeed("the page holds no entries: a script fills it, which only a browser runs")
        raise NotAFeed("the page is no listing: no three links stand in like places")
    judgement = judged(root, tree, found[0], base)
    if not judgement.listing:
        raise NotAFeed(f"the page does not look like a listing: {'; '.join(judgement.reasons)}")
    feed = ParsedFeed(
        "listing",
        tuple(_entry(card) for card in found[0].cards),
        language=primary_subtag(root.get("lang")),
        title=" ".join((root.findtext(".//title") or "").split())[:200],
        site=fetched.url,
    )
    return Detected(feed, judgement, _second(found))


def _second(found: list[Block]) -> tuple[str, ...]:
    known = {card.url for card in found[0].cards}
    for block in found[1:]:
        if not known & {card.url for card in block.cards}:
            return tuple(card.title for card in block.cards)
    return ()


def _entry(card: Card) -> ParsedEntry:
    return ParsedEntry(
        guid=None,
        url=card.url,
        title=card.title,
        summary=card.teaser,
        published=card.dated.moment if card.dated else None,
        published_on=card.dated.day if card.dated else None,
        published_raw=card.written[:LONGEST_RAW] or None,
    )
