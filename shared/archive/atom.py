"""Pure. Found items as an Atom feed (RFC 4287). Ids are stable: they hang on the item and the query alone."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

from shared.archive.found import FoundItem
from shared.clock import rfc3339
from shared.items import OTHER

_NAMESPACE: Final = uuid5(NAMESPACE_URL, "https://vigie.example/atom")
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class About:
    """What the items were found by. `updated` is when one of them last changed; `portal` has no trailing slash."""

    query: str
    updated: datetime
    portal: str
    title: str = "Vigie"
    self_url: str = ""


def atom(items: Iterable[FoundItem], about: About) -> Iterator[str]:
    """The feed, entry by entry."""
    yield _head(about)
    for item in items:
        yield _entry(item)
    yield "</feed>\n"


def _head(about: About) -> str:
    title = f"{about.title}: {about.query}" if about.query else about.title
    link = f'  <link rel="self" href={_attribute(about.self_url)}/>\n' if about.self_url else ""
    search = f"{about.portal}/en/search?q={quote(about.query)}"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"  <id>{_id('query', about.query)}</id>\n"
        f"  <title>{_text(title)}</title>\n"
        f"  <updated>{rfc3339(about.updated)}</updated>\n"
        f"  <author><name>{_text(about.title)}</name></author>\n"
        f"{link}"
        f'  <link rel="alternate" href={_attribute(search)}/>\n'
    )


def _entry(item: FoundItem) -> str:
    language = f' xml:lang="{item.language}"' if item.language != OTHER else ""
    lines = [
        f"<id>{_id('item', item.item_id)}</id>",
        f"<title>{_text(item.title)}</title>",
        f"<updated>{rfc3339(item.revised_at)}</updated>",
        f"<published>{rfc3339(item.published or item.first_seen)}</published>",
        *(f"<author><name>{_text(name)}</name></author>" for name in item.authors or (_publisher(item),)),
        *(f"<category term={_attribute(theme)}/>" for theme in item.themes),
        *([f'<link rel="alternate" href={_attribute(item.url)}/>'] if item.url else []),
        f"<summary>{_text(item.summary)}</summary>",
    ]
    return f"  <entry{language}>\n" + "".join(f"    {line}\n" for line in lines) + "  </entry>\n"


def _publisher(item: FoundItem) -> str:
    return item.source_name or item.source


def _id(kind: str, name: str) -> str:
    return f"urn:uuid:{uuid5(_NAMESPACE, f'{kind}/{name}')}"


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("", text))
