"""Pure. Links of a page that stand in like places, and the part of the page that belongs to each."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from services.collector.blocks.tree import HEADINGS, Tree
from services.collector.entries import link

FEWEST: Final = 3  # links that make a block
SHORT: Final = 12  # letters of a link that says what it is, not what it leads to
INVITING: Final = 32  # letters of one that is said again and again: `Zur Pressemitteilung`
MOST_ROWS: Final = 500


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link of the page: its node and its canonical address."""

    node: int
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a block: the link, and the nodes from `start` to before `end` that speak of it.

    `before` is where what stands between this row and the one above begins: a day that heads several rows.
    """

    anchor: Anchor
    start: int
    end: int
    before: int


def anchors_of(tree: Tree, base: str) -> tuple[Anchor, ...]:
    """Every link to another page."""
    here = link(base, base)
    found = []
    for node, tag in enumerate(tree.tags):
        if tag != "a":
            continue
        written = tree.nodes[node].get("href")
        if not written or written.lstrip().startswith(("#", "javascript:", "mailto:", "tel:")):
            continue
        url = link(written, base)
        if url and url != here and not _leads_up(url, here):
            found.append(Anchor(node, url))
    return tuple(found)


def _leads_up(url: str, here: str | None) -> bool:
    """Whether a link leads to the site's first page or a folder that the page lies in, as the site's name does."""
    there, page = urlsplit(url), urlsplit(here or "")
    folder = f"{there.path.rstrip('/')}/"
    return there.netloc == page.netloc and not there.query and (page.path or "/").startswith(folder)


def groups(tree: Tree, anchors: Sequence[Anchor]) -> Iterator[Sequence[Anchor]]:
    """Links in like places: by their path with classes, by the path of tags alone, by what is nearest to them,
    short ones by what they say, and those that say something of their own.
    """
    by: Mapping[tuple[str, object], list[Anchor]] = defaultdict(list)
    full, bare = _paths(tree, tree.keys), _paths(tree, tree.tags)
    said = [(full[anchor.node], tree.subtree(anchor.node)) for anchor in anchors]
    often = {text for text, times in Counter(said).items() if times >= FEWEST}
    for anchor, text in zip(anchors, said, strict=True):
        around = near(tree, anchor.node)
        by["full", full[anchor.node]].append(anchor)
        by["bare", bare[anchor.node]].append(anchor)
        by["near", around].append(anchor)
        by["nearest", around[:2]].append(anchor)
        # `FR` and `EN`, `Agenda` and `Minutes`, `Zur Mitteilung`
        if tree.letters(anchor.node, tree.ends[anchor.node]) <= (INVITING if text in often else SHORT):
            by["said", text].append(anchor)
        if text not in often:  # the paper, and not the `PDF` beside it
            by["telling", text[0]].append(anchor)
    seen: set[tuple[int, ...]] = set()
    for group in by.values():
        nodes = tuple(anchor.node for anchor in group)
        if nodes not in seen and len({anchor.url for anchor in group}) >= FEWEST:
            seen.add(nodes)
            yield group


def rows(tree: Tree, group: Sequence[Anchor]) -> tuple[Row, ...]:
    """For each address of the group the largest part of the page that holds no other one of the group."""
    firsts = _first_of_each_run(group)
    climbs = [_climb(tree, group, at) for at in firsts]
    usual = Counter(map(len, climbs)).most_common(1)[0][0]
    roots = [(firsts[i], climb[min(len(climb), usual) - 1]) for i, climb in enumerate(climbs)]
    made: list[Row] = []
    for index, (at, root) in enumerate(roots[:MOST_ROWS]):
        following = roots[index + 1][1] if index + 1 < len(roots) else len(tree)
        before = made[-1].end if made else _far_above(tree, root)
        made.append(Row(group[at], root, region_end(tree, root, following), before))
    return tuple(made)


def near(tree: Tree, node: int) -> tuple[str, ...]:
    """The keys of a link and of the two elements around it."""
    return tuple(tree.keys[each] for each in (node, *_take(tree, node, 2)))


def _paths(tree: Tree, names: Sequence[str]) -> Sequence[int]:
    """Node -> the number of its path from the root."""
    numbers: dict[tuple[int, str], int] = {}
    paths: list[int] = []
    for node, name in enumerate(names):
        parent = tree.parents[node]
        paths.append(numbers.setdefault((paths[parent] if parent >= 0 else -1, name), len(numbers)))
    return paths


def _take(tree: Tree, node: int, most: int) -> Iterator[int]:
    for _, ancestor in zip(range(most), tree.ancestors(node), strict=False):
        yield ancestor


def _first_of_each_run(group: Sequence[Anchor]) -> list[int]:
    """Where in the group a row begins: links to one address behind one another are one row's."""
    return [at for at, anchor in enumerate(group) if not at or group[at - 1].url != anchor.url]


def _climb(tree: Tree, group: Sequence[Anchor], at: int) -> list[int]:
    """The link's node and those around it that hold no link of the group to another address."""
    url, node = group[at].url, group[at].node
    above = group[at - 1].node if at else -1
    following = next((other.node for other in group[at + 1 :] if other.url != url), len(tree))
    climb = [node]
    for ancestor in tree.ancestors(node):
        if ancestor <= above or tree.ends[ancestor] > following or tree.tags[ancestor] == "body":
            break
        climb.append(ancestor)
    return climb


def _far_above(tree: Tree, root: int) -> int:
    """Where a heading of the first row could begin: in what holds what holds it."""
    for node in _take(tree, root, 3):
        if tree.tags[node] in ("body", "main"):
            return node
        root = node
    return root


def region_end(tree: Tree, root: int, following: int) -> int:
    """Where the row ends: behind what follows it in its parent, as text follows a heading."""
    end = tree.ends[root]
    parent_end = tree.ends[tree.parents[root]] if tree.parents[root] >= 0 else len(tree)
    if following >= parent_end and tree.tags[root] not in (*HEADINGS, "dt", "a", "p"):
        return end
    while end < min(following, parent_end):
        if tree.tags[end] in HEADINGS or tree.ends[end] > following or tree.tags[end] in ("dt", "hr"):
            break
        end = tree.ends[end]
    return end


def overlapping(rows_: Sequence[Row], others: Sequence[Row]) -> int:
    """How many of the others stand inside of a row."""
    starts = [row.start for row in rows_]
    count = 0
    for other in others:
        at = bisect_right(starts, other.anchor.node) - 1
        count += at >= 0 and other.anchor.node < rows_[at].end
    return count
