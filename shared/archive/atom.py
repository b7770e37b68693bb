"""Pure. Found items as an Atom feed (RFC 4287). Ids are stable: they hang on the item and the query alone."""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

from shared.archive.about import RIGHTS, About
from shared.archive.found import FoundItem
from shared.clock import rfc3339
from shared.items import OTHER
from shared.shown_url import web_link

_NAMESPACE: Final = uuid5(NAMESPACE_URL, "https://vigie.example/atom")
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def atom(items: Iterable[FoundItem], about: About) -> Iterator[str]:
    """The feed, entry by entry."""
    yield _head(about)
    for item in items:
        yield _entry(item, about)
    yield "</feed>\n"


def _head(about: About) -> str:
    link = f'  <link rel="self" href={_attribute(about.self_url)}/>\n' if about.self_url else ""
    hub = f'  <link rel="hub" href={_attribute(about.hub)}/>\n' if about.hub else ""
    search = f"{about.portal}/{about.language}/search?q={quote(about.query)}"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"  <id>{_id('feed', about.name) if about.name else _id('query', about.query)}</id>\n"
        f"  <title>{_text(about.full_title)}</title>\n"
        f"  <updated>{rfc3339(about.updated)}</updated>\n"
        f"  <author><name>{_text(about.title)}</name></author>\n"
        f"{link}{hub}"
        f'  <link rel="alternate" type="text/html" hreflang="{about.language}" href={_attribute(search)}/>\n'
        f"  <rights>{_text(RIGHTS)}</rights>\n"
    )


def _entry(item: FoundItem, about: About) -> str:
    language = f' xml:lang="{item.language}"' if item.language != OTHER else ""
    lines = [
        f"<id>{entry_id(item)}</id>",
        f"<title>{_text(item.title)}</title>",
        f"<updated>{rfc3339(item.revised_at)}</updated>",
        f"<published>{rfc3339(item.published or item.first_seen)}</published>",
        *(f"<author><name>{_text(name)}</name></author>" for name in item.authors or (_publisher(item),)),
        *(f"<category term={_attribute(theme)}/>" for theme in item.themes),
        f'<link rel="alternate" href={_attribute(web_link(item.url) or about.page_of(item))}/>',
        f"<summary>{_text(item.summary)}</summary>",
    ]
    return f"  <entry{language}>\n" + "".join(f"    {line}\n" for line in lines) + "  </entry>\n"


def entry_id(item: FoundItem) -> str:
    """The same in every feed, for ever: a reader that keeps an id once over all feeds shows the item in one."""
    return _id("item", item.item_id)


def _publisher(item: FoundItem) -> str:
    return item.source_name or item.source


def _id(kind: str, name: str) -> str:
    return f"urn:uuid:{uuid5(_NAMESPACE, f'{kind}/{name}')}"


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("", text))
