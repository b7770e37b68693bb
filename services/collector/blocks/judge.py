"""Pure. Whether a page is a listing at all.

What speaks for its best block, against what says that it is an article, a shop or a home page. The answer is in
words, for the person who is asked to accept it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Final
from urllib.parse import unquote, urlsplit

from lxml import html

from services.collector.blocks.find import Block
from services.collector.blocks.groups import Row
from services.collector.blocks.tree import HEADINGS, Tree

ENOUGH: Final = (
    7.4  # of about 12: a person accepts what is not strong, so a listing that is refused is the worse error
)
STRONG: Final = 9.5  # from here on a page may be taken without asking
PROSE_ABOVE: Final = 600  # letters of running text above the entries that are more than an introduction
BESIDE: Final = 0.9  # share of rows in a sidebar, a foot or a menu
IN_ORDER: Final = 6  # dated entries whose order is no chance
UNDATED: Final = 0.2  # share of dated entries
SCRIPTED: Final = 400  # letters: a page with fewer, and with scripts, is filled by them
_NEWS: Final = re.compile(
    r"(?<![^\W_])(news\w*|aktuell\w*|presse\w*|press|blogs?|actualit\w+|actus?|communiqu\w+|\w*meldung(en)?|nachrichten"
    r"|neuigkeiten|neues|ver(ö|oe)ffentlichung\w*|publi[ck]ation\w*|veranstaltung\w*|termine|[ck]al[ae]nd[ae]r|events?"
    r"|(é|e)v(é|e)nements?|kategorie|category|categorie|archiv\w*|releases?|beitr(ä|ae)ge|artikel|articles|agenda"
    r"|\w*mitteilung(en)?|bekanntmachung(en)?|fil (d\W)?info\w*|avis|stellungnahmen?|studien|studies|(é|e)tudes"
    r"|meetings|minutes|reports|rapports|berichte|webinare?|seminare?|s(é|e)minaires?|reden|speeches|discours|podcasts?"
    r"|medien\w*|media|m(é|e)dias?|dossiers|ank(ü|ue)ndigung\w*|annonces?|decisions?|ausschreibung\w*|appels?)(?![^\W_])",
    re.IGNORECASE,
)
_ARTICLE_TYPES: Final = re.compile(
    r'"@type"\s*:\s*\[?\s*"(NewsArticle|Article|BlogPosting|ReportageNewsArticle|AnalysisNewsArticle|Product|Recipe)"'
)
_LIST_TYPES: Final = re.compile(r'"@type"\s*:\s*\[?\s*"(CollectionPage|ItemList|Blog|SearchResultsPage)"')
_PRICE: Final = re.compile(r"([€$£]|R\$|EUR|CHF|USD)\s?\d|\d[.,]\d\d\s?([€$£]|EUR|CHF|USD)")
_PERSON: Final = re.compile(
    r"((univ\.-)?prof\w*\.?|pd|dr\.|dipl\.|[mb]\.\s?(sc|a)\.|mag\.)\W(?:\S+ ){0,4}\S+", re.IGNORECASE
)
_CHAPTER: Final = re.compile(r"\d{1,2}(\.\d{1,2})*\.? |[§a-z]\W{0,2}\d", re.IGNORECASE)
_GONE: Final = re.compile(
    r"\b(404|not found|seite (wurde )?nicht gefunden|page (non trouv(é|e)e|introuvable)|fehlerseite)\b",
    re.IGNORECASE,
)
_MONTH: Final = re.compile(
    r"\b(jan|f(e|é)[bv]|m(a|ä)r|apr|avr|ma[iy]|ju[nil]|aug|ao(û|u)t|sep|o[ck]t|nov|d(e|é)[cz])[^\W\d]*"
    r"\.? (19|20)\d\d\b",
    re.IGNORECASE,
)
_ONWARD: Final = re.compile(
    r"\W*(n(ä|ae)chste seite|page suivante|next page|(ä|ae)ltere (beitr(ä|ae)ge|meldungen|eintr(ä|ae)ge|artikel)"
    r"|older (posts|entries|articles|news)|articles plus anciens)\W*",
    re.IGNORECASE,
)
_AWAY: Final = ("footer", "aside", "nav", "form", "header")


@dataclass(frozen=True, slots=True)
class Judgement:
    """How sure it is that the block is what the page is for, and why, in words."""

    sure: float
    reasons: tuple[str, ...]

    @property
    def listing(self) -> bool:
        return self.sure >= ENOUGH

    @property
    def strong(self) -> bool:
        return self.sure >= STRONG


def judged(root: html.HtmlElement, tree: Tree, block: Block, url: str) -> Judgement:
    """The judgement on a page whose best block is `block`."""
    found = [
        (block.total, _told(block)),
        *_of_prose(tree, block),
        *_of_place(tree, block),
        *_of_pages(tree),
        *_of_metadata(root),
        *_of_names(tree, root, url),
        *_of_a_small_box(tree, block),
        *_of_topics(block),
        *_of_a_section(tree, root, block, url),
        *_of_questions(block),
        *_of_chapters(block),
        *_of_people(block),
        *_of_references(block),
        *_of_one_day(block),
        *_of_their_days(block),
        *_of_months(tree, block),
        *_of_prices(tree, block.rows),
        *_of_an_error_page(root),
    ]
    return Judgement(sum(points for points, _ in found), tuple(why for _, why in found))


Point = tuple[float, str]


def _told(block: Block) -> str:
    dated = sum(card.dated is not None for card in block.cards)
    return f"{len(block.cards)} entries in like places, {dated} of them dated"


def _of_prose(tree: Tree, block: Block) -> list[Point]:
    """Paragraphs that belong to no entry: an article has more of them than of links to others."""
    own = _prose(tree, block.rows)
    entries = sum(tree.letters(row.start, row.end) for row in block.rows)
    share = own / max(1, own + entries)
    if own < 300 or share <= 0.35:
        return []
    return [(-6.0 * (share - 0.35), f"{own} letters of running text stand outside of the entries")]


def _prose(tree: Tree, rows: Sequence[Row], end: int | None = None) -> int:
    """Letters of running text that belong to no row, up to the node `end`."""
    letters, at, node = 0, 0, 0
    while node < (len(tree) if end is None else end):
        while at < len(rows) and rows[at].end <= node:
            at += 1
        if (at < len(rows) and rows[at].start <= node) or tree.tags[node] in _AWAY:
            node = tree.ends[node] if tree.tags[node] in _AWAY else max(node + 1, rows[at].end)
            continue
        letters += _paragraph(tree, node)
        node += 1
    return letters


def _paragraph(tree: Tree, node: int) -> int:
    """Letters of running text that are this node's own."""
    whole = tree.letters(node, tree.ends[node])
    if whole < 100 or tree.linked(node, tree.ends[node]) > 0.35 * whole:
        return 0
    if tree.tags[node] == "p":
        return whole
    first, last = tree.span(node, tree.ends[node])
    own = sum(len(tree.pieces[at]) for at in range(first, last) if tree.piece_nodes[at] == node)
    return own if own >= 100 else 0


def _of_place(tree: Tree, block: Block) -> list[Point]:
    """Entries outside of the page's content; and a box below an article, which has a heading of its own."""
    rows = block.rows
    mains = [node for node, tag in enumerate(tree.tags) if tag == "main"]
    inside = not mains or any(node <= row.start < tree.ends[node] for node in mains for row in rows)
    if not inside or block.parts.away >= BESIDE:
        return [(-2.0, "the entries stand beside the page's content")]
    before = rows[0].start
    above = next(
        (n for n in range(before - 1, 0, -1) if tree.ends[n] <= before and tree.letters(n, tree.ends[n])), 0
    )
    headed = any(tree.tags[node] in HEADINGS[1:] for node in (above, *islice(tree.ancestors(above), 2)))
    if headed and _prose(tree, rows, rows[0].start) > PROSE_ABOVE:
        return [(-1.0, "the entries stand below running text, under a heading of their own")]
    return []


def _of_pages(tree: Tree) -> list[Point]:
    """Links to further pages: 2, 3, or `older`."""
    before = ""
    for node, tag in enumerate(tree.tags):
        if tag == "a":
            said = tree.subtree(node) if tree.letters(node, tree.ends[node]) < 40 else ""
            if (before, said) == ("2", "3") or _ONWARD.fullmatch(said):
                return [(0.6, "it goes on on further pages")]
            before = said or before
    return []


def _of_metadata(root: html.HtmlElement) -> list[Point]:
    data = " ".join(root.xpath('//script[@type="application/ld+json"]/text()'))[:200_000]
    lists = bool(_LIST_TYPES.search(data))
    says_article = _ARTICLE_TYPES.search(data) and not lists
    opengraph = " ".join(root.xpath('//meta[@property="og:type"]/@content')).lower()
    published = root.xpath('boolean(//meta[@property="article:published_time"] | //*[@itemprop="articleBody"])')
    found: list[Point] = []
    if says_article or published:
        found.append((-1.2, "its metadata call it an article"))
    elif "article" in opengraph or "product" in opengraph:
        found.append((-0.5, f"it calls itself {opengraph}"))
    if lists:
        found.append((0.4, "its metadata call it a list"))
    return found


def _of_names(tree: Tree, root: html.HtmlElement, url: str) -> list[Point]:
    """What address, title and headline call the page."""
    named = _name(tree, root, url)
    return [(0.9, f"it is called {named!r}")] if named else []


def _name(tree: Tree, root: html.HtmlElement, url: str) -> str:
    """The word by which it is called news, or the like; empty for none."""
    title = " ".join((root.findtext(".//title") or "").split())[:60]
    headline = next((tree.subtree(node)[:80] for node, tag in enumerate(tree.tags) if tag == "h1"), "")
    path = unquote(urlsplit(url).path).replace("/", " ").replace("-", " ").replace("_", " ")
    named = _NEWS.search(f"{path} {title} {headline}")
    return named[0] if named else ""


def _of_a_small_box(tree: Tree, block: Block) -> list[Point]:
    small = block.parts.mass < 0.5 and len(block.cards) < 8
    return (
        [(-1.6, "the entries are a small part of the page")] if small and _share_of_main(tree, block) < 0.8 else []
    )


def _share_of_main(tree: Tree, block: Block) -> float:
    """How much of what the page calls its content the entries are; 0 where it calls nothing so."""
    rows = block.rows
    mains = [
        n for n, tag in enumerate(tree.tags) if tag == "main" and n < rows[0].start < rows[-1].end <= tree.ends[n]
    ]
    whole = tree.letters(mains[-1], tree.ends[mains[-1]]) if mains else 0
    return sum(tree.letters(row.start, row.end) for row in rows) / whole if whole else 0.0


def _of_a_section(tree: Tree, root: html.HtmlElement, block: Block, url: str) -> list[Point]:
    """The pages of a section in tiles, which bear no dates, and no name of news above them."""
    path = urlsplit(url).path.rstrip("/")
    if block.parts.dated >= UNDATED or not path or _name(tree, root, url) or _of_pages(tree):
        return []
    folder = f"{re.sub(r'(/index)?[.][a-z]{3,5}$', '', path)}/"
    below = sum(urlsplit(card.url).path.startswith(folder) for card in block.cards)
    if below > 0.7 * len(block.cards):
        return [(-2.6, "undated pages of a section that is not called news")]
    return [(-1.3, "undated, and the page is not called news")]


def _of_questions(block: Block) -> list[Point]:
    asked = sum(card.title.rstrip().endswith("?") for card in block.cards)
    questions = block.parts.dated < UNDATED and asked > 0.7 * len(block.cards)
    return [(-1.6, "its titles are questions")] if questions else []


def _of_topics(block: Block) -> list[Point]:
    """What an institution does, in tiles: names of two or three words, and no dates."""
    words = sum(len(card.title.split()) for card in block.cards) / len(block.cards)
    named = block.parts.dated < UNDATED and words < 4
    return [(-1.2, "undated, with names rather than titles")] if named else []


def _of_chapters(block: Block) -> list[Point]:
    numbered = sum(bool(_CHAPTER.match(card.title)) for card in block.cards)
    chapters = block.parts.dated < UNDATED and numbered > 0.7 * len(block.cards)
    return [(-1.6, "its titles are numbered like chapters")] if chapters else []


def _of_people(block: Block) -> list[Point]:
    people = sum(bool(_PERSON.fullmatch(card.title)) for card in block.cards)
    return [(-4.5, "its titles are names of persons")] if people > 0.7 * len(block.cards) else []


def _of_references(block: Block) -> list[Point]:
    """Papers, each with a link called `doi` or `pdf`: no date, no heading, and no link with the title."""
    parts = block.parts
    bare = parts.dated < UNDATED and parts.headed < UNDATED and parts.own < UNDATED
    return [(-1.0, "undated, without headings, and no link bears a title")] if bare else []


def _of_one_day(block: Block) -> list[Point]:
    """A day at the head of a page that is about one thing is given to all that it links to."""
    days = {card.dated and card.dated.moment for card in block.cards}
    return [(-1.0, "all have one date")] if len(block.cards) >= 5 and len(days) == 1 and None not in days else []


def _of_their_days(block: Block) -> list[Point]:
    """Records in the order of their days, as minutes and press releases are, whatever they are called."""
    days = [card.dated.moment for card in block.cards if card.dated]
    steps = [(later > earlier) - (later < earlier) for earlier, later in pairwise(days)]
    ordered = len(days) == len(block.cards) >= IN_ORDER and min(steps.count(1), steps.count(-1)) == 0
    return [(0.5, "in the order of their days")] if ordered and len(set(days)) > 0.7 * len(days) else []


def _of_months(tree: Tree, block: Block) -> list[Point]:
    """Issues and reports are dated by the month, which is no day."""
    if block.parts.dated >= UNDATED:
        return []
    said = [
        found[0].lower() for row in block.rows if (found := _MONTH.search(tree.text(row.start, row.end)[:300]))
    ]
    monthly = len(said) > 0.7 * len(block.rows) and len(set(said)) > 1
    return [(1.2, "each names its month")] if monthly else []


def _of_prices(tree: Tree, rows: Sequence[Row]) -> list[Point]:
    priced = sum(bool(_PRICE.search(tree.text(row.start, row.end)[:500])) for row in rows)
    return [(-2.0, "most entries carry a price")] if priced > 0.5 * len(rows) else []


def _of_an_error_page(root: html.HtmlElement) -> list[Point]:
    title = root.findtext(".//title") or ""
    return [(-6.0, f"its title says {' '.join(title.split())[:60]!r}")] if _GONE.search(title) else []


def scripted(root: html.HtmlElement, tree: Tree) -> bool:
    """Whether a script would have to fill the page."""
    return tree.letters(0, len(tree)) < SCRIPTED and bool(root.xpath("boolean(//script)"))
