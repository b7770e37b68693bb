"""Pure. The way from one page of a listing or feed to the next older one.

Links are followed, never built (TYPO3 signs them), but for WordPress, to whose older pages no link leads.
"""

import html as entities
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit, urlunsplit

from lxml import html

from services.collector.blocks.tree import base_of, parsed
from services.collector.encoding import decode
from shared.web.client import Fetched

_LABEL: Final = re.compile(
    r"(n(ä|ae)chste(n|r)?|next|pages? suivantes?|suivante?s?|weiter|(ä|ae)ltere?|older|plus anciens?)"
    r"(\s+(seite|page|posts?|beitr(ä|ae)ge|entries|articles?|meldungen|eintr(ä|ae)ge|\d+\s+\w+))?",
    re.IGNORECASE,
)
_TO_NEXT: Final = re.compile(r"zur n(ä|ae)chsten seite|go to next page|(aller à la )?page suivante", re.IGNORECASE)
_ARROWS: Final = frozenset("› > → ≻ ❯ ▶ ››".split())
_DOUBLE_ARROWS: Final = frozenset("» >>".split())  # on some sites the last page, so asked after the numbers
_NEXT_CLASS: Final = re.compile(r"(^|[\s_-])(next|suivante?|weiter|forward|naechste)([\s_-]|$)", re.IGNORECASE)
_PREVIOUS_CLASS: Final = re.compile(r"(^|[\s_-])(prev(ious)?|last|letzte|first)([\s_-]|$)", re.IGNORECASE)
_ENTRY: Final = re.compile(r"<(?:\w{1,20}:)?(?:item|entry)[\s>]")
_FEED_LINK: Final = re.compile(r"<(?:\w+:)?link\b([^>]{0,4000})>")
_ATTRIBUTE: Final = re.compile(r"([\w:]+)\s*=\s*(\"[^\"]*\"|'[^']*')")
_WORDPRESS: Final = re.compile(r"<generator>\s*https?://(?:[\w-]+\.)?wordpress\.(?:org|com)/", re.IGNORECASE)
_MOST_ANCHORS: Final = 5000


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a listing or a feed goes on, and the number of that page as its paging counts."""

    url: str
    number: int


@dataclass(frozen=True, slots=True)
class _Anchor:
    url: str
    words: str
    labels: tuple[str, ...]  # what else it is called: title, aria-label
    rel: tuple[str, ...]
    classes: str  # its own and its parent's
    place: int  # the element that holds the paging: equal for links of one


def next_of_page(fetched: Fetched, number: int) -> Onward | None:
    """The page behind this one, which is the one of `number`; None where no link leads there."""
    root = parsed(decode(fetched.body, fetched.content_type))
    base = base_of(root, fetched.url)
    for element in root.iter("link"):
        if "next" in (element.get("rel") or "").lower().split() and (url := _same_site(element.get("href"), base)):
            return Onward(url, number + 1)
    anchors = [anchor for anchor in _anchors(root, base) if anchor.url != urldefrag(fetched.url)[0]]
    for anchor in anchors:
        if _says_next(anchor):
            return Onward(anchor.url, number + 1)
    return _by_number(anchors, number) or _by_double_arrow(anchors, number)


def next_of_feed(fetched: Fetched, number: int) -> Onward | None:
    """The older part of a feed: RFC 5005, JSON Feed's `next_url`, or WordPress."""
    text = decode(fetched.body, fetched.content_type)
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return _next_of_json(text, fetched.url, number)
    head = _around_entries(text)
    for tag in _FEED_LINK.finditer(head):
        values = {name: entities.unescape(value[1:-1]) for name, value in _ATTRIBUTE.findall(tag[1])}
        if values.get("rel") in ("next", "prev-archive") and (url := _same_site(values.get("href"), fetched.url)):
            return Onward(url, number + 1)
    if _WORDPRESS.search(head):
        return Onward(_with_parameter(fetched.url, "paged", str(number + 1)), number + 1)
    return None


def _around_entries(text: str) -> str:
    """What a channel says of itself: before its first entry, and behind its last."""
    first = _ENTRY.search(text)
    if first is None:
        return text
    return text[: first.start()] + text[max(text.rfind("</item"), text.rfind("</entry"), first.end()) :]


def _next_of_json(text: str, base: str, number: int) -> Onward | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    url = _same_site(document.get("next_url") if isinstance(document, dict) else None, base)
    return Onward(url, number + 1) if url else None


def _anchors(root: html.HtmlElement, base: str) -> Iterator[_Anchor]:
    for count, element in enumerate(root.iter("a")):
        if count >= _MOST_ANCHORS:
            return
        url = _same_site(element.get("href"), base)
        if url is None:
            continue
        parent = element.getparent()
        holder = parent.getparent() if parent is not None and parent.tag in ("li", "span", "td") else parent
        classes = " ".join((element.get("class") or "", (parent.get("class") or "") if parent is not None else ""))
        yield _Anchor(
            url=url,
            words=" ".join(element.text_content().split())[:80],
            labels=tuple(
                " ".join(written.split())[:80]
                for name in ("title", "aria-label")
                if (written := element.get(name))
            ),
            rel=tuple((element.get("rel") or "").lower().split()),
            classes=classes,
            place=id(holder) if holder is not None else 0,
        )


def _says_next(anchor: _Anchor) -> bool:
    if "next" in anchor.rel:
        return True
    names = [" ".join(re.sub(r"[›»>→]", " ", name).split()) for name in (anchor.words, *anchor.labels)]
    if any(_LABEL.fullmatch(name) or _TO_NEXT.search(name) for name in names):
        return True
    if anchor.words in _ARROWS:
        return True
    by_class = _NEXT_CLASS.search(anchor.classes) and not _PREVIOUS_CLASS.search(anchor.classes)
    return bool(by_class) and len(anchor.words) <= 20


def _by_number(anchors: Sequence[_Anchor], number: int) -> Onward | None:
    """The link with the next larger number among numbered ones that stand together."""
    places: dict[int, list[tuple[int, str]]] = {}
    for anchor in anchors:
        if anchor.words.isdecimal() and len(anchor.words) <= 5:
            places.setdefault(anchor.place, []).append((int(anchor.words), anchor.url))
    for numbered in places.values():
        later = sorted(pair for pair in numbered if pair[0] > number)
        if later and (number > 1 or len(numbered) > 1 or later[0][0] == number + 1):
            return Onward(later[0][1], later[0][0])
    return None


def _by_double_arrow(anchors: Sequence[_Anchor], number: int) -> Onward | None:
    return next((Onward(one.url, number + 1) for one in anchors if one.words in _DOUBLE_ARROWS), None)


def _same_site(href: object, base: str) -> str | None:
    """The address, as written, where it is one of the same host: paging never leaves it."""
    if not isinstance(href, str) or not href.strip() or href.strip().startswith(("#", "javascript:", "mailto:")):
        return None
    try:
        url = urldefrag(urljoin(base, href.strip()))[0]
        same = urlsplit(url).netloc.removeprefix("www.") == urlsplit(base).netloc.removeprefix("www.")
    except ValueError:
        return None
    return url if same and urlsplit(url).scheme in ("http", "https") else None


def _with_parameter(url: str, name: str, value: str) -> str:
    parts = urlsplit(url)
    kept = [(key, old) for key, old in parse_qsl(parts.query, keep_blank_values=True) if key != name]
    return urlunsplit(parts._replace(query=urlencode([*kept, (name, value)])))
