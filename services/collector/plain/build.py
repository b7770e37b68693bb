"""Pure. Puts a feed together from its elements as they end: as feedparser does, in odd cases too."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.collector.plain.values import author, cleaned, joined, referenced
from services.collector.plain.vocabulary import FEED_KEYS, HTML, KEYS, TYPED, TYPES, NotPlain

Attributes = Mapping[str, str]


class PlainFeed:
    """A feed as feedparser tells it, with those of its keys that we read. Dates are as written, not parsed.

    `base` is the address that others in it are relative to, `language` the one in which it says that it is.
    """

    def __init__(self, base: str) -> None:
        self.version = ""
        self.feed: dict[str, Any] = {}
        self.entries: list[dict[str, Any]] = []
        self.language: str | None = None
        self._base = joined(base, base)

    @property
    def entry(self) -> dict[str, Any]:
        """The one that is open."""
        return self.entries[-1]

    def speak(self, language: str | None) -> None:
        """The root names its language."""
        if language:
            self.language = self.feed["language"] = language.replace("_", "-")

    # of the feed

    def of_feed(self, key: str, _: Attributes, text: str) -> None:
        if key == "title":
            self._mark(self.feed, "a title")
        self.feed[FEED_KEYS[key]] = cleaned(text)

    def link_of_feed(self, _key: str, _: Attributes, text: str) -> None:
        self._mark(self.feed, "a link's text")
        self.feed["link"] = referenced(cleaned(joined(self._base, text)))

    def address_of_feed(self, _: str, attributes: Attributes, _text: str) -> None:
        address = self._linked(attributes)
        self.feed.setdefault("links", []).append(address)
        if _is_page(address):
            self.feed["link"] = address["href"]

    def id_of_feed(self, _key: str, _: Attributes, text: str) -> None:
        self._mark(self.feed, "an id")
        self.feed.setdefault("link", cleaned(joined(self._base, text)))

    # of an entry

    def title(self, _: str, attributes: Attributes, text: str) -> None:
        _once(self.entry, "title", cleaned(text))
        self.entry["title_detail"] = self._detail(attributes, "text/plain")

    def summary(self, key: str, attributes: Attributes, text: str) -> None:
        self._mark(self.entry, "a summary")
        self.entry["summary"] = cleaned(text)
        self.entry["summary_detail"] = self._detail(attributes, "text/plain" if key == "summary" else "text/html")

    def content(self, key: str, attributes: Attributes, text: str) -> None:
        detail = self._detail(attributes, "text/plain" if key == "content" else "text/html")
        _once(self.entry, "content", [{**detail, "value": cleaned(text)}])
        self.entry.setdefault("summary", cleaned(text))

    def value(self, key: str, _: Attributes, text: str) -> None:
        _once(self.entry, KEYS[key], cleaned(text))

    def link(self, _key: str, _: Attributes, text: str) -> None:
        self._mark(self.entry, "a link's text")
        link = referenced(cleaned(joined(self._base, text)).replace("&amp;", "&"))
        self.entry["link"] = link

    def address(self, _: str, attributes: Attributes, _text: str) -> None:
        address = self._linked(attributes)
        self.entry.setdefault("links", []).append(address)
        if _is_page(address):
            self.entry["link"] = address["href"]

    def enclosure(self, _: str, attributes: Attributes, _text: str) -> None:
        link = {"rel": "enclosure", "type": attributes.get("type", "").lower()}
        if address := attributes.get("url"):
            link["href"] = address
        self.entry.setdefault("links", []).append(link)

    def guid(self, _: str, attributes: Attributes, text: str) -> None:
        leads = attributes.get("ispermalink", "true") == "true"
        guid = cleaned(joined(self._base, text) if leads else text.strip())
        _once(self.entry, "id", guid)
        self.entry["guidislink"] = leads and "link" not in self.entry
        if leads:
            self.entry.setdefault("link", guid)

    def author(self, _key: str, _: Attributes, text: str) -> None:
        self.entry.setdefault("authors", []).append({"name": author(cleaned(text))})

    def name_of_author(self, _key: str, _: Attributes, text: str) -> None:
        _once(self.entry["authors"][-1], "name", text.strip())

    def category(self, _key: str, attributes: Attributes, text: str) -> None:
        tags = self.entry.setdefault("tags", [])
        written = cleaned(text)
        if written and ("term" in attributes or "label" in attributes):
            raise NotPlain("a category with a text and a term")
        tags.append({"term": attributes.get("term") or written, "label": attributes.get("label")})

    # what several of them need

    def _detail(self, attributes: Attributes, usual: str) -> dict[str, Any]:
        type_ = TYPES.get(attributes.get("type", usual).lower())
        if type_ is None:
            raise NotPlain(f"the type {attributes['type']}")
        return {"type": type_, "language": self.language}

    def _linked(self, attributes: Attributes) -> dict[str, str]:
        """The attributes of a link, with its address in full."""
        if "href" not in attributes:
            raise NotPlain("a link without an address")
        lowered = {name: attributes[name].lower() for name in ("rel", "type") if name in attributes}
        link = {**attributes, **lowered}
        link.setdefault("rel", "alternate")
        link.setdefault("type", "application/atom+xml" if link["rel"] == "self" else "text/html")
        return {**link, "href": joined(self._base, link["href"], always=True)}

    def _mark(self, values: dict[str, Any], what: str) -> None:
        _once(values, f"({what})", True)


def _is_page(link: Mapping[str, str]) -> bool:
    return link["rel"] == "alternate" and TYPES.get(link["type"], link["type"]) in HTML


def _once(values: dict[str, Any], key: str, value: Any) -> None:
    if key in values and key != "link":
        raise NotPlain(f"{key} twice")
    values[key] = value


def ignore(_: PlainFeed, _key: str, _attributes: Attributes, _text: str) -> None:
    """What nothing depends on."""


Ending = Callable[[PlainFeed, str, Attributes, str], None]
ENDINGS: Final[Mapping[str, tuple[Ending, tuple[str, ...]]]] = {
    "title": (PlainFeed.title, ()),
    "description": (PlainFeed.summary, ()),
    "content:encoded": (PlainFeed.content, ()),
    "link": (PlainFeed.link, ()),
    "guid": (PlainFeed.guid, ("ispermalink",)),
    "enclosure": (PlainFeed.enclosure, ("url", "type", "length")),
    "author": (PlainFeed.author, ()),
    "dc:creator": (PlainFeed.author, ()),
    "category": (PlainFeed.category, ("domain",)),
    "dc:subject": (PlainFeed.category, ()),
    **dict.fromkeys(("pubdate", "dc:date", "dc:language", "feedburner:origlink"), (PlainFeed.value, ())),
}
ENDINGS_OF_ATOM: Final[Mapping[str, tuple[Ending, tuple[str, ...]]]] = {
    "title": (PlainFeed.title, TYPED),
    "summary": (PlainFeed.summary, TYPED),
    "content": (PlainFeed.content, TYPED),
    "content:encoded": (PlainFeed.content, ()),
    "id": (PlainFeed.guid, ()),
    "category": (PlainFeed.category, ("term", "scheme", "label")),
    **dict.fromkeys(("published", "updated", "dc:date", "feedburner:origlink"), (PlainFeed.value, ())),
}
