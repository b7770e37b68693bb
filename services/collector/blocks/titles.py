"""Pure. The titles of the rows of a block, without what is no part of them: kicker, badge, date, "more"."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from itertools import takewhile
from typing import Final

from services.collector.blocks.dated import SHORT_DATE, leading_date, trailing_date
from services.collector.blocks.groups import Row
from services.collector.blocks.tree import HEADINGS, INLINE, Tree
from services.collector.dates import read_day_of_year

_TITLE: Final = re.compile(
    r"(?<![a-z])(title|titel|titre|headline|heading|ueberschrift|betreff|intitule)(?![a-z])"
)
_KICKER: Final = re.compile(
    r"(?<![a-z])(kicker|topline|overline|dachzeile|spitzmarke|badge|label|flag|paywall|rubri(k|que))(?![a-z])"
)
_MORE: Final = re.compile(
    r"^(\W*(weiter ?lesen|mehr|mehr (dazu|erfahren|lesen|infos?|informationen)|zum artikel|artikel lesen|details?"
    r"|lesen|jetzt lesen|lire( la suite| plus)?|en savoir plus|la suite|plus|voir( plus)?|suite"
    r"|read( more| on)?|more|continue reading"
    r"|learn more|view|download|pdf|agenda|minutes|link|here|hier|ici|leer más|leggi( tutto)?"
    r"|»|›|>|→|…|\.\.\.)\W*)$",
    re.IGNORECASE,
)
# what kind of file it is, and how large: `PDF, 120 KB`, `Download (2,1 MB)`, `Télécharger le fichier`
_FILE: Final = re.compile(
    r"(\W*(pdf|docx?|odt|zip|download|herunterladen|t(é|e)l(é|e)charger|((die|le|the) )?(datei|fichier|file)"
    r"|dokument|document)(?![^\W\d_]))+\W*([\d.,]+\s*([kmg]i?b|[kmg]o|bytes|octets)\W*)?",
    re.IGNORECASE,
)
KICKER: Final = 30  # letters before a date that are the kind of text it is: `News • November 27, 2026`
MOST: Final = 0.7  # share of rows that makes something a habit of the page
_DIGIT: Final = re.compile(r"\d")
_DANGLING: Final = re.compile(r"\b(du|de|le|en|vom|am|im|den|zum|of|from|on|at|for|in)$")  # `Avis n° 26-30 du`
_LETTER: Final = re.compile(r"[^\W\d_]")


def says_more(text: str) -> bool:
    """Whether a text is only the invitation to read on."""
    return bool(_MORE.match(text))


def says_nothing(title: str) -> bool:
    """Whether a link is called "more", "PDF" or a number."""
    return says_more(title) or bool(_FILE.fullmatch(title)) or len(_LETTER.findall(title)) < 3


Finder = Callable[[Tree, Row], int | None]
Column = Callable[[Tree, Sequence[Row], tzinfo], list[int | None]]


def titles_of(tree: Tree, rows: Sequence[Row], zone: tzinfo) -> list[tuple[str, bool, bool]]:
    """(title, headed, own) of each row: by the way that finds most rows' titles, the others' by the next ways."""
    columns = [_column(tree, column(tree, rows, zone), zone) for column, _, _ in _COLUMNS]
    best = next((i for i, column in enumerate(columns) if _serves(column)), None)
    order = [best, *(i for i in range(len(columns)) if i != best)] if best is not None else range(len(columns))
    titles = []
    for number, row in enumerate(rows):
        chosen = next((i for i in order if columns[i][number] and not says_nothing(columns[i][number])), None)
        if chosen is None:
            title = _called_by_picture(tree, row) or _called_by_a_date(tree, row)
            titles.append((title or _first_words(tree, row, zone), False, bool(title)))
        else:
            _, headed, own = _COLUMNS[chosen]
            titles.append((columns[chosen][number], headed or _in_heading(tree, row), own))
    return titles


def _serves(column: Sequence[str]) -> bool:
    good = [title for title in column if title and not says_nothing(title)]
    return len(good) >= 0.7 * len(column) and len(set(good)) >= 0.6 * len(good)


def _column(tree: Tree, nodes: Sequence[int | None], zone: tzinfo) -> list[str]:
    """The titles that a way finds, without the kicker, badge or date that stands in the same element."""
    cut = _extras(tree, [node for node in nodes if node is not None], zone)
    titles = ["" if node is None else _without(tree, node, cut)[:1000] for node in nodes]
    for date_in in (leading_date, trailing_date):
        found = [date_in(title, zone) for title in titles]
        if sum(map(bool, found)) >= MOST * sum(map(bool, titles)):
            ends = [(0, -letters) if date_in is trailing_date else (letters, None) for letters in found]
            left = [title[first : last or None] for title, (first, last) in zip(titles, ends, strict=True)]
            titles = titles if any(map(_DANGLING.search, left)) else left
    return titles


def _extras(tree: Tree, nodes: Sequence[int], zone: tzinfo) -> frozenset[str]:
    """Keys of the elements that stand first or last in titles and are no part of them: decided for all at once."""
    cut: frozenset[str] = frozenset()
    while more := _outermost(tree, nodes, cut, zone) - cut:  # a date first, then what stands behind it
        cut |= more
    return cut


def _outermost(tree: Tree, nodes: Sequence[int], cut: frozenset[str], zone: tzinfo) -> frozenset[str]:
    """The keys of such elements at the ends of what is left of the titles."""
    ends: Mapping[str, list[str]] = defaultdict(list)
    for node in nodes:
        first, last = _left(tree, node, cut)
        for at in {first, last - 1} if last - first > 1 else ():
            if tree.piece_nodes[at] != node:
                ends[tree.keys[tree.piece_nodes[at]]].append(tree.pieces[at])
    return frozenset(
        key
        for key, said in ends.items()
        if _KICKER.search(key)
        or key.partition(".")[0] == "time"
        or (len(said) >= 4 and len(set(said)) <= 0.5 * len(said))
        or sum(_is_date(text, zone) for text in said) >= MOST * len(said)
    )


def _is_date(text: str, zone: tzinfo) -> bool:
    return leading_date(text, zone) == len(text) or read_day_of_year(text) is not None


def _without(tree: Tree, node: int, cut: frozenset[str]) -> str:
    return tree.joined(*_left(tree, node, cut)) if cut else tree.subtree(node)


def _left(tree: Tree, node: int, cut: frozenset[str]) -> tuple[int, int]:
    """The pieces of text that are left of a title."""
    first, last = tree.span(node, tree.ends[node])
    while last - first > 1 and tree.keys[tree.piece_nodes[first]] in cut and tree.piece_nodes[first] != node:
        first += 1
    while last - first > 1 and tree.keys[tree.piece_nodes[last - 1]] in cut and tree.piece_nodes[last - 1] != node:
        last -= 1
    return first, last


def _part_of_card(tree: Tree, rows: Sequence[Row], zone: tzinfo) -> list[int | None]:
    """Of links that wrap a whole card the part that differs from card to card and is no date."""
    parts = [_parts_apart(tree, row.anchor.node) for row in rows]
    said: dict[str, list[str]] = defaultdict(list)
    for name, node in (part for named in parts for part in named.items()):
        said[name].append(tree.subtree(node))
    dull = {name for name, texts in said.items() if _is_dull(texts, zone)}
    chosen = [
        next(
            (name for name, node in named.items() if name not in dull and _is_title(tree.subtree(node), zone)), ""
        )
        for named in parts
    ]
    usual = Counter(filter(None, chosen)).most_common(1)
    place = usual[0][0] if usual else ""  # a title may be one short word where all others have theirs
    short = [place in named and not says_nothing(tree.subtree(named[place])) for named in parts]
    return [named.get(place if fits else name) for named, name, fits in zip(parts, chosen, short, strict=True)]


def _is_dull(texts: Sequence[str], zone: tzinfo) -> bool:
    """Whether what stands in one place of all cards is no title in any: the same words again, dates, "more"."""
    if len(texts) < 3:
        return False
    no_titles = sum(says_nothing(text) or _is_date_with_kicker(text, zone) for text in texts)
    return len(set(texts)) <= 0.5 * len(texts) or no_titles >= MOST * len(texts)


def _is_date_with_kicker(text: str, zone: tzinfo) -> bool:
    dated = leading_date(text, zone) or trailing_date(text, zone)
    return dated == len(text) or (dated > 0 and len(text) - dated <= KICKER)


def _is_title(text: str, zone: tzinfo) -> bool:
    return len(text) >= 10 and leading_date(text, zone) < len(text) and not says_nothing(text)


def _parts_apart(tree: Tree, link: int) -> Mapping[str, int]:
    """The parts of a link that is no running text, each in an element of its own: its place, and the node."""
    parts: dict[str, int] = {}
    seen: Counter[str] = Counter()
    apart, end = False, link
    first, last = tree.span(link, tree.ends[link])
    for at in range(first, last):
        node = tree.piece_nodes[at]
        if node == link:
            return {}
        if node < end:  # in the part before it
            continue
        apart = apart or (at > first and (tree.glued[at] or tree.tags[node] not in INLINE))
        key, end = tree.keys[node], tree.ends[node]
        parts[f"{key} {seen[key]}"] = node
        seen[key] += 1
    return parts if apart and len(parts) > 1 else {}


def _heading_in_link(tree: Tree, row: Row) -> int | None:
    return _first(tree, row.anchor.node, tree.ends[row.anchor.node], lambda node: tree.tags[node] in HEADINGS)


def _link_in_heading(tree: Tree, row: Row) -> int | None:
    return row.anchor.node if _in_heading(tree, row) else None


def _in_heading(tree: Tree, row: Row) -> bool:
    for ancestor in tree.ancestors(row.anchor.node):
        if tree.tags[ancestor] in HEADINGS or _TITLE.search(tree.words[ancestor]):
            return tree.letters(ancestor, tree.ends[ancestor]) < 400
        if ancestor <= row.start:
            break
    return False


def _called_title_in_link(tree: Tree, row: Row) -> int | None:
    return _first(
        tree, row.anchor.node + 1, tree.ends[row.anchor.node], lambda node: bool(_TITLE.search(tree.words[node]))
    )


def _link_itself(tree: Tree, row: Row) -> int | None:
    node = row.anchor.node
    if tree.letters(node, tree.ends[node]) <= 250:
        return node
    # the link wraps the whole card: its title is the first piece that is long enough to be one
    return _first(
        tree, node + 1, tree.ends[node], lambda inner: 15 <= tree.letters(inner, tree.ends[inner]) <= 250
    )


def _heading_in_row(tree: Tree, row: Row) -> int | None:
    return _of_this(tree, row, _first(tree, row.start, row.end, lambda node: tree.tags[node] in HEADINGS))


def _called_title_in_row(tree: Tree, row: Row) -> int | None:
    return _of_this(
        tree, row, _first(tree, row.start, row.end, lambda node: bool(_TITLE.search(tree.words[node])))
    )


def _longest_cell(tree: Tree, row: Row) -> int | None:
    cells = [
        node
        for node in range(row.start, row.end)
        if tree.tags[node] in ("td", "dd", "th", "dt", "span", "div", "p")
    ]
    leaves = [
        node
        for node in cells
        if (not _DIGIT.match(tree.subtree(node)[:2]) or tree.tags[node] in ("td", "dd"))
        and not (tree.letters(node, tree.ends[node]) <= SHORT_DATE and _is_date(tree.subtree(node), UTC))
    ]
    return _of_this(tree, row, max(leaves, key=lambda node: _said_there(tree, node), default=None))


def _said_there(tree: Tree, node: int) -> tuple[int, int, int]:
    """How much a cell says beside its links, and in all."""
    letters, linked = tree.letters(node, tree.ends[node]), tree.linked(node, tree.ends[node])
    return min(letters - linked, 200), min(letters, 200), node


def _emphasised(tree: Tree, row: Row) -> int | None:
    """What stands out at the head of a row without a heading: `<b>The title</b><br>where and what`."""
    node = _first(
        tree,
        row.start,
        row.end,
        lambda inner: tree.tags[inner] in ("b", "strong") and not _no_title(tree.subtree(inner)),
    )
    return _of_this(tree, row, node)


def _of_this(tree: Tree, row: Row, node: int | None) -> int | None:
    """The node, unless its words link to another address: a year that heads entries is none of them."""
    if node is None or not tree.linked(node, tree.ends[node]):
        return node
    around = (node, *takewhile(lambda above: above >= row.start, tree.ancestors(node)))
    within = range(node, tree.ends[node])
    target = tree.nodes[row.anchor.node].get("href")
    links = [each for each in (*around, *within) if tree.tags[each] == "a" and tree.nodes[each].get("href")]
    return node if any(tree.nodes[each].get("href") == target for each in links) else None


def _first(tree: Tree, start: int, end: int, fits: Callable[[int], bool]) -> int | None:
    for node in range(start, end):
        if fits(node) and tree.letters(node, tree.ends[node]):
            return node
    return None


def _called_by_picture(tree: Tree, row: Row) -> str:
    title = tree.nodes[row.anchor.node].get("title") or tree.nodes[row.anchor.node].get("aria-label") or ""
    for node in range(row.anchor.node, tree.ends[row.anchor.node]):
        if tree.tags[node] == "img":
            title = title or tree.nodes[node].get("alt") or ""
    return " ".join(title.split())[:1000] if not says_nothing(title) else ""


def _called_by_a_date(tree: Tree, row: Row) -> str:
    """The minutes of a meeting are called by its day alone."""
    title = tree.subtree(row.anchor.node)[:1000]
    return "" if says_nothing(title) else title


def _no_title(text: str) -> bool:
    return says_nothing(text) or _is_date(text, UTC)


def _first_words(tree: Tree, row: Row, zone: tzinfo) -> str:
    """What stands before the invitation to read on in a paragraph without a heading."""
    first, last = tree.span(row.start, row.end)
    pieces = [tree.pieces[at] for at in range(first, last) if not _is_linked(tree, tree.piece_nodes[at], row)]
    return next((text for text in pieces if len(text) <= 250 and _is_title(text, zone)), "")


def _is_linked(tree: Tree, node: int, row: Row) -> bool:
    return any(tree.tags[each] == "a" for each in (node, *tree.ancestors(node)) if each >= row.start)


def _each(finder: Finder) -> Column:
    return lambda tree, rows, _: [finder(tree, row) for row in rows]


_COLUMNS: Final[Sequence[tuple[Column, bool, bool]]] = (  # the way, whether it is a heading, whether of the link
    (_each(_heading_in_link), True, True),
    (_each(_link_in_heading), True, True),
    (_each(_called_title_in_link), True, True),
    (_part_of_card, False, True),
    (_each(_link_itself), False, True),
    (_each(_heading_in_row), True, False),
    (_each(_called_title_in_row), True, False),
    (_each(_emphasised), False, False),
    (_each(_longest_cell), False, False),
)
