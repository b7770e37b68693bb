"""Pure. The dates of the rows of a block: from the place in which most rows have one, never from a sentence."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Final, TypeVar
from urllib.parse import unquote, urlsplit

from services.collector.blocks.ago import day_of_age
from services.collector.blocks.groups import Row
from services.collector.blocks.orders import in_one_order
from services.collector.blocks.tree import HEADINGS, Tree
from services.collector.blocks.years import Day, with_years
from services.collector.dates import Dated, read_date, read_day_of_year

SHORT_DATE: Final = 48  # letters of a piece of text that is a date and little else
EDITED: Final = " edited"  # ends the name of a way to when entries were changed: a last resort
ENOUGH: Final = 0.5  # share of rows that a way must date before it is believed beside others
_DATE: Final = re.compile(
    r"(?<![a-z])(date|datum|time|zeit|published|meta|jour|day|created?|posted)(?![a-z])|date|datum"
)
_CHANGED: Final = re.compile(
    r"modifi|updated?\b|(ge|ver)(ä|ae)ndert|aktualisiert|(ü|ue)berarbeitet|mise? (à|a) jour|revised|\bstand:",
    re.IGNORECASE,
)
_PATH_DATE: Final = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-/_.]?(0[1-9]|1[0-2])(?:[-/_.]?(0[1-9]|[12]\d|3[01]))?(?!\d)"
)
_WHOLE: Final = (
    r"(?:\d{1,2}[./] ?\d{1,2}[./] ?(?:\d{4}|\d\d)|\d{4}-\d\d-\d\d"
    r"|\d{1,2}(?:er|\.|st|nd|rd|th)? [^\W\d]{3,9}\.?,? \d{4}|[^\W\d]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?, \d{4})(?!\d)"
    r"(?:,? (?:(?:à|um|at) )?\d{1,2}[:h.]\d\d(?: ?Uhr| ?h)?)?"
)
_LEADING: Final = re.compile(rf"(?:[^\W\d]{{2,20}}\.?,? )?({_WHOLE})")
_DATELINE: Final = re.compile(rf"[^\W\d][^\d|:]{{1,40}}?,? (?:(?:den|le|on) )?({_WHOLE})\)?\s?[–—:-]\s")
_TRAILING: Final = re.compile(rf"[\s,|–—-]+[(\[]?({_WHOLE})[)\]]?$")
_BREAK: Final = re.compile(r"\)?\s*[-–—:|•·/]+\s*|\)\s*|\s+")
_YEAR: Final = re.compile(r"(?<!\d)((?:19[9]|20\d)\d)(?!\d)")
_DIGIT: Final = re.compile(r"\d")
_AGE: Final = re.compile(r"\d|gestern|heute|today|yesterday|\bhier\b|aujourd", re.IGNORECASE)
_Read = TypeVar("_Read")
Written = tuple[str, Dated | None]
NONE: Final[Written] = ("", None)


def dates_of(tree: Tree, rows: Sequence[Row], zone: tzinfo, today: date | None = None) -> list[Written]:
    """A date for each row, and how it is written there. `today` is when the page was read."""
    found = in_one_order(_shown(tree, rows, lambda text: read_date(text, zone)), zone, today)
    if _share(found) < ENOUGH:
        found = [
            _date_of_path(row, zone) if not dated[1] else dated for row, dated in zip(rows, found, strict=True)
        ]
    if _share(found) < ENOUGH:
        found = _with_days_of_a_year(tree, rows, found, today)
    return _with_ages(tree, rows, found, today) if today and _share(found) < ENOUGH else found


def _with_ages(tree: Tree, rows: Sequence[Row], found: list[Written], today: date) -> list[Written]:
    """Ages in place of dates: what is a day or two old says so, what is older has a date."""
    aged = _shown(tree, rows, lambda text: day_of_age(text, today))
    return [whole if whole[1] else old for whole, old in zip(found, aged, strict=True)]


def leading_date(text: str, zone: tzinfo) -> int:
    """How many letters at the beginning of `text` are a date, and what parts it from the rest; 0 for none."""
    found = _LEADING.match(text)
    if not found or not read_date(found[1], zone):
        return 0
    parting = _BREAK.match(text, found.end())
    return parting.end() if parting else found.end() if found.end() == len(text) else 0


def trailing_date(text: str, zone: tzinfo) -> int:
    """How many letters at the end of `text` are a date, and what parts it from the rest; 0 for none."""
    found = _TRAILING.search(text, max(0, len(text) - SHORT_DATE))
    return len(text) - found.start() if found and read_date(found[1], zone) else 0


def _with_days_of_a_year(
    tree: Tree, rows: Sequence[Row], found: list[Written], today: date | None
) -> list[Written]:
    """Days that are written without their year, with the year that fits."""
    shown = _shown(tree, rows, read_day_of_year)
    if _share(shown) < ENOUGH:
        return found
    days: list[Day | None] = [day for _, day in shown]
    known = [dated.moment.date() if dated else None for _, dated in found]
    placed = with_years(days, known, _years_near(tree, rows, days), today)
    return [
        whole if whole[1] or not day else (written, Dated(datetime(day.year, day.month, day.day, tzinfo=UTC), day))
        for whole, (written, _), day in zip(found, shown, placed, strict=True)
    ]


def _share(found: Sequence[tuple[str, object | None]]) -> float:
    return sum(dated is not None for _, dated in found) / len(found) if found else 1.0


def _shown(tree: Tree, rows: Sequence[Row], read: Callable[[str], _Read | None]) -> list[tuple[str, _Read | None]]:
    """What is read in each row where most rows have it, or in the headings above them."""
    ways: Mapping[str, dict[int, tuple[str, _Read | None]]] = defaultdict(dict)
    for number, row in enumerate(rows):
        for way, written in _places(tree, row):
            if _AGE.search(written) and (dated := read(written)):
                ways[way].setdefault(number, (written.strip(), dated))
    if all(before := [_just_before(tree, row, read) for row in rows]):
        return [each or ("", None) for each in before]
    # a date that opens or ends a sentence is the entry's only where most have one there
    believed = [way for way in ways if _rank(way)[0] < 3 or len(ways[way]) >= ENOUGH * len(rows)]
    order = sorted(believed, key=lambda way: (way.endswith(EDITED), -len(ways[way]), *_rank(way)))
    nothing: tuple[str, _Read | None] = ("", None)
    found = [
        next((ways[way][number] for way in order if number in ways[way]), nothing) for number in range(len(rows))
    ]
    return found if any(dated for _, dated in found) else _headed(tree, rows, read)


def _just_before(tree: Tree, row: Row, read: Callable[[str], _Read | None]) -> tuple[str, _Read | None] | None:
    """The date before a link that stands in running text: `<b>12 mai 2026</b> : <a>…</a><br>…`."""
    at = tree.span(row.start, row.end)[0] - 1
    if row.start != row.anchor.node or at < 0:
        return None
    at -= not any(map(str.isalnum, tree.pieces[at]))  # a colon or a dash
    text, node = tree.pieces[at].rstrip(" :–—-|"), tree.piece_nodes[at]
    beside = tree.parents[row.start] in (node, tree.parents[node])
    dated = read(text) if beside and len(text) <= SHORT_DATE and _DIGIT.search(text) else None
    return (text, dated) if dated else None


def _rank(way: str) -> tuple[int, str]:
    return (("time", "class", "piece", "lead", "tail").index(way.partition(" ")[0]), way)


def _places(tree: Tree, row: Row) -> Iterator[tuple[str, str]]:
    """(way, text) of what may be a date in a row."""
    first, last = tree.span(row.start, row.end)
    for node in range(row.start, row.end):
        if tree.tags[node] == "time" or tree.nodes[node].get("datetime"):
            way, written = "time", tree.nodes[node].get("datetime") or tree.subtree(node)
        elif tree.words[node] and _DATE.search(tree.words[node]) and tree.letters(node, tree.ends[node]) <= 80:
            way, written = "class", tree.subtree(node)
        else:
            continue
        until = min(last, tree.span(node, tree.ends[node])[0] + 1)
        yield f"{way} {tree.keys[node]}{_edited(tree, node, range(first, until))}", written
    for piece in range(first, last):
        text, node = tree.pieces[piece], tree.piece_nodes[piece]
        if len(text) <= SHORT_DATE:
            if _AGE.search(text):
                yield f"piece {tree.keys[node]}{_edited(tree, node, range(first, piece + 1))}", text
        elif found := _LEADING.match(text) or _DATELINE.match(text):  # `12.03.2024 - The town has...`
            yield f"lead {tree.keys[node]}", found[1]
        elif found := _TRAILING.search(text, len(text) - SHORT_DATE):
            yield f"tail {tree.keys[node]}", found[1]


def _edited(tree: Tree, node: int, pieces: range) -> str:
    """EDITED where an element's name, its first words or those before them say that the text was changed then."""
    texts = [tree.pieces[at] for at in pieces[-2:]]
    if len(texts) > 1 and _DIGIT.search(texts[0]):  # that speaks of a date of its own
        texts.pop(0)
    said = (text for text in texts if len(text) <= SHORT_DATE)
    return EDITED if any(map(_CHANGED.search, (tree.keys[node], *said))) else ""


def _headed(
    tree: Tree, rows: Sequence[Row], read: Callable[[str], _Read | None]
) -> list[tuple[str, _Read | None]]:
    """A day that heads a run of rows is the date of each."""
    day: tuple[str, _Read | None] = ("", None)
    found: list[tuple[str, _Read | None]] = []
    headed = False
    for row in rows:
        for piece in _above(tree, row):
            text = tree.pieces[piece]
            if _DIGIT.search(text) and len(text) <= SHORT_DATE and (moment := read(text)):
                day, headed = (text, moment), headed or _is_heading(tree, tree.piece_nodes[piece])
        found.append(day)
    # one date above all of them may be the day on which the page was made
    said = [dated for _, dated in found if dated]
    return found if headed or any(dated != said[0] for dated in said) else [("", None)] * len(rows)


def _above(tree: Tree, row: Row) -> range:
    """The last pieces of text between a row and the one before it."""
    first, last = tree.span(row.before, row.start) if row.before < row.start else (0, 0)
    return range(max(first, last - 12), last)


def _is_heading(tree: Tree, node: int) -> bool:
    return any(tree.tags[above] in (*HEADINGS, "dt", "th", "caption") for above in (node, tree.parents[node]))


def _years_near(tree: Tree, rows: Sequence[Row], days: Sequence[Day | None]) -> list[int | None]:
    """The year that an entry's address names beside its month, else that of the heading above it."""
    year: int | None = None
    near: list[int | None] = []
    for row, day in zip(rows, days, strict=True):
        for piece in _above(tree, row):
            text = tree.pieces[piece]
            if (
                len(text) <= SHORT_DATE
                and _is_heading(tree, tree.piece_nodes[piece])
                and (said := _YEAR.search(text))
            ):
                year = int(said[1])
        path = _PATH_DATE.search(unquote(urlsplit(row.anchor.url).path))
        near.append(int(path[1]) if path and day and int(path[2]) == day[0] else year)
    return near


def _date_of_path(row: Row, zone: tzinfo) -> Written:
    path = unquote(urlsplit(row.anchor.url).path)
    if (found := _PATH_DATE.search(path)) and found[3]:
        written = "-".join(found.groups())
        return written, read_date(written, zone)
    return NONE
