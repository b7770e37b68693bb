"""Pure. The news in an HTML mail: headings with what follows them, else links that are titles themselves.

Newsletters are written by hand into templates: one item is a heading with a teaser and "Weiterlesen", the next
one a bold line, a list ends with links alone. So headings of the mail's own kind are looked for first; where they
leave most of its links out, every line that is a link heads an item, or every "read on" ends one; last the block
finder for pages is asked.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from services.collector.blocks.find import blocks
from services.collector.blocks.tree import Tree
from services.collector.newsletter.lines import Anchor, Line
from services.collector.newsletter.links import Leads, Link, Links
from services.collector.newsletter.people import Cut
from services.collector.newsletter.words import is_business, is_more

LONGEST_TITLE: Final = 250  # letters of a line that can be a title
SHORTEST_TITLE: Final = 8
ENOUGH_TEXT: Final = 200  # letters of an item without a link
MOST: Final = 200  # items of one mail
_ADDRESS: Final = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)
_KICKER: Final = re.compile(r"[^.!?:;]{1,40}")
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
    ended = _ended(lines, links, cut)
    best = tagged if _reached(tagged) >= max(1, _reached(styled)) else styled
    for other in (linked, ended):
        if _reached(best) < max(1.0, SHARE * _reached(other)):
            best = other
    if _reached(best) < 2 and len(found := _found(tree, links, base)) > _reached(best):
        best = found
    return _distinct(best)[:MOST]


def _headed(lines: Sequence[Line], links: Links, cut: Cut, heads: Callable[[Line], bool]) -> list[Article]:
    starts = [at for at, line in enumerate(lines) if heads(line) and not is_more(line.text)]
    made = []
    for number, at in enumerate(starts):
        if not _can_be_title(lines[at]):
            continue  # it ends what stands above it: "Termine", a date, the newsletter's own business
        end = starts[number + 1] if number + 1 < len(starts) else len(lines)
        if article := _article(lines[at], lines[at + 1 : end], links, cut):
            made.append(article)
    return made


def _ended(lines: Sequence[Line], links: Links, cut: Cut) -> list[Article]:
    """Items that only "read on" tells apart: what stands above it, with the first line that is no sentence."""
    made, start = [], 0
    for at, line in enumerate(lines):
        if not any(is_more(anchor.words) and _leads(links, anchor) for anchor in line.anchors):
            continue
        above = cut.lines(lines[start : at + 1], links)
        titles = [
            n for n, each in enumerate(above) if _can_be_title(each) and not each.text.endswith((".", ":", ","))
        ]
        if titles and (article := _article(above[titles[0]], above[titles[0] + 1 :], links, cut)):
            made.append(article)
        start = at + 1
    return made


def _can_be_title(line: Line) -> bool:
    return (
        SHORTEST_TITLE <= len(line.text) <= LONGEST_TITLE
        and not is_more(line.text)
        and not is_business(line.text)
        and not _ADDRESS.fullmatch(line.text)
    )


def _is_link_title(line: Line, links: Links) -> bool:
    if not line.whole or len(line.text.split()) < 3:
        return False
    return any(_leads(links, anchor) for anchor in line.anchors)


def _article(heading: Line, body: Sequence[Line], links: Links, cut: Cut) -> Article | None:
    """The item under a heading; None for a heading of several, and for what is no news."""
    body = cut.lines(body, links)
    said = [words for line in body if (words := _without_more(line))]
    if len(said) > 1 and _KICKER.fullmatch(said[-1]) and not body[-1].anchors:
        said.pop()  # it stands above the next heading, and belongs to that
    text = "\n".join(said)
    found = _link_of(heading, body, links)
    if found is None:
        if len(text) < ENOUGH_TEXT or cut.is_greeting(text):
            return None
        return Article(heading.text, text, "", None)
    anchor, link = found
    return Article(heading.text, text, anchor.href, link.url)


def _without_more(line: Line) -> str:
    """The words of a line but those of a link at its end that only leads on."""
    last = line.anchors[-1].words if line.anchors else ""
    if last and is_more(last) and line.text.endswith(last):
        return line.text.removesuffix(last).rstrip(" |›»>→[(")
    return line.text


def _link_of(heading: Line, body: Sequence[Line], links: Links) -> tuple[Anchor, Link] | None:
    """The link of an item: of its heading, "read on", a line that is one, the text's only one, a picture's."""
    ways = (
        list(heading.anchors),
        [anchor for line in body for anchor in line.anchors if is_more(anchor.words)],
        [anchor for line in body if line.whole for anchor in line.anchors],
        [anchor for line in body for anchor in line.anchors],
        [anchor for line in (heading, *body) for anchor in line.pictures],
    )
    for number, way in enumerate(ways):
        leading = [(anchor, link) for anchor in way if (link := _leads(links, anchor))]
        if number >= 3:
            leading = _only(leading, links)
        if not leading:
            continue
        # one that shows where it leads is better than one that does not
        return next((pair for pair in leading if pair[1].url), leading[0])
    return None


def _only(leading: list[tuple[Anchor, Link]], links: Links) -> list[tuple[Anchor, Link]]:
    """Of links within a text the only one, or the only one to the publisher's own pages."""
    own = [pair for pair in leading if pair[1].url and links.is_own(pair[1].url)]
    for some in (leading, own):
        if len({link.url or anchor.href for anchor, link in some}) == 1:
            return some
    return []


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
