"""Pure. The news in an HTML mail: headings with what follows them, else links that are titles themselves.

Newsletters are written by hand into templates: one item is a heading with a teaser and "Weiterlesen", the next
one a bold line, a list ends with links alone. So headings of the mail's own kind are looked for first; where they
leave most of its links out, every line that is a link heads an item; last the block finder for pages is asked.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from services.collector.blocks.cards import says_nothing
from services.collector.blocks.find import blocks
from services.collector.blocks.tree import Tree
from services.collector.newsletter.lines import Anchor, Line
from services.collector.newsletter.links import Leads, Link, Links
from services.collector.newsletter.people import Cut
from services.collector.newsletter.words import is_business

LONGEST_TITLE: Final = 250  # letters of a line that can be a title
SHORTEST_TITLE: Final = 8
ENOUGH_TEXT: Final = 200  # letters of an item without a link
MOST: Final = 200  # items of one mail
SHARE: Final = 0.5  # of the links that headings must reach to be what heads the items


@dataclass(frozen=True, slots=True)
class Article:
    """An item of a newsletter. `href` is its link as written, empty without one; `url` where it leads, if that
    shows.
    """

    title: str
    text: str
    href: str
    url: str | None


def articles(tree: Tree, lines: Sequence[Line], links: Links, cut: Cut, base: str) -> list[Article]:
    """The items of a mail, in order; none where it is not made of several."""
    tagged = _headed(lines, links, cut, lambda line: 1 <= line.level <= 6)
    styled = _headed(lines, links, cut, lambda line: line.level > 0)
    linked = _headed(lines, links, cut, lambda line: _is_link_title(line, links))
    by_headings = tagged if _reached(tagged) >= max(1, _reached(styled)) else styled
    best = by_headings if _reached(by_headings) >= max(1.0, SHARE * _reached(linked)) else linked
    if _reached(best) < 2 and len(found := _found(tree, links, base)) > _reached(best):
        best = found
    return _distinct(best)[:MOST]


def _headed(lines: Sequence[Line], links: Links, cut: Cut, heads: Callable[[Line], bool]) -> list[Article]:
    starts = [at for at, line in enumerate(lines) if _can_be_title(line) and heads(line)]
    made = []
    for number, at in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(lines)
        if article := _article(lines[at], lines[at + 1 : end], links, cut):
            made.append(article)
    return made


def _can_be_title(line: Line) -> bool:
    return (
        SHORTEST_TITLE <= len(line.text) <= LONGEST_TITLE
        and not says_nothing(line.text)
        and not is_business(line.text)
    )


def _is_link_title(line: Line, links: Links) -> bool:
    if not line.whole or len(line.text.split()) < 3:
        return False
    return any(_leads(links, anchor) for anchor in line.anchors)


def _article(heading: Line, body: Sequence[Line], links: Links, cut: Cut) -> Article | None:
    """The item under a heading; None for a heading of several, and for what is no news."""
    body = cut.lines(body, links)
    text = "\n".join(line.text for line in body if not (line.whole and says_nothing(line.text)))
    found = _link_of(heading, body, links)
    if found is None:
        if len(text) < ENOUGH_TEXT or cut.is_greeting(text):
            return None
        return Article(heading.text, text, "", None)
    anchor, link = found
    return Article(heading.text, text, anchor.href, link.url)


def _link_of(heading: Line, body: Sequence[Line], links: Links) -> tuple[Anchor, Link] | None:
    """The link of an item: of its heading, else "read on", else a line that is one, else the text's only one."""
    ways = (
        list(heading.anchors),
        [anchor for line in body for anchor in line.anchors if says_nothing(anchor.words)],
        [anchor for line in body if line.whole for anchor in line.anchors],
        [anchor for line in body for anchor in line.anchors],
    )
    for number, way in enumerate(ways):
        leading = [(anchor, link) for anchor in way if (link := _leads(links, anchor))]
        if not leading or (number == 3 and len({link.url or anchor.href for anchor, link in leading}) > 1):
            continue
        # one that shows where it leads is better than one that does not
        return next((pair for pair in leading if pair[1].url), leading[0])
    return None


def _leads(links: Links, anchor: Anchor) -> Link | None:
    link = links.read(anchor.href, anchor.words)
    return link if link and link.leads is not Leads.AWAY else None


def _reached(found: Iterable[Article]) -> int:
    """How many items have a link of their own."""
    return len({article.url or article.href for article in found if article.href})


def _found(tree: Tree, links: Links, base: str) -> list[Article]:
    """What the block finder takes for the entries of a page."""
    found = blocks(tree, base, UTC)
    made = []
    for card in found[0].cards if found else ():
        link = links.read(card.url, card.title)
        if link and link.leads is not Leads.AWAY and _can_be_title(Line(card.title, 0, (), whole=False)):
            made.append(Article(card.title, card.teaser, card.url, link.url))
    return made


def _distinct(found: Iterable[Article]) -> list[Article]:
    """Each item once: a table of contents names what is told below, and the longer text is the item's."""
    kept: list[Article] = []
    places: dict[str, int] = {}
    for article in found:
        names = (article.url or article.href or article.title, f"title {article.title}")
        at = next((places[name] for name in names if name in places), None)
        if at is None:
            places |= dict.fromkeys(names, len(kept))
            kept.append(article)
        elif len(article.text) > len(kept[at].text) and (article.href or not kept[at].href):
            places |= dict.fromkeys(names, at)
            kept[at] = article
    return kept
