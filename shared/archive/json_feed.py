"""Pure. Found items as a JSON Feed (version 1.1). Ids are those of the Atom feed: they hang on the item alone."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import quote

from shared.archive.about import RIGHTS, About
from shared.archive.atom import entry_id
from shared.archive.found import FoundItem
from shared.archive.sheets import without_controls
from shared.clock import rfc3339
from shared.items import OTHER
from shared.shown_url import web_link

VERSION: Final = "https://jsonfeed.org/version/1.1"


def json_feed(items: Iterable[FoundItem], about: About) -> Iterator[str]:
    """The feed, item by item."""
    head = {
        "version": VERSION,
        "title": about.full_title,
        "home_page_url": f"{about.portal}/{about.language}/search?q={quote(about.query)}",
        **({"feed_url": about.self_url} if about.self_url else {}),
        **({"hubs": [{"type": "WebSub", "url": about.hub}]} if about.hub else {}),
        "description": RIGHTS,
        "authors": [{"name": about.title, "url": f"{about.portal}/"}],
    }
    yield f'{json.dumps(head, ensure_ascii=False)[:-1]}, "items": ['
    lead = "\n"
    for item in items:
        yield f"{lead}{json.dumps(_item(item, about), ensure_ascii=False)}"
        lead = ",\n"
    yield "\n]}\n"


def _item(item: FoundItem, about: About) -> dict[str, Any]:
    return {
        "id": entry_id(item),
        "url": web_link(item.url) or about.page_of(item),
        "title": without_controls(item.title),
        "content_text": without_controls(item.summary or item.title),
        "date_published": rfc3339(item.published or item.first_seen),
        "date_modified": rfc3339(item.revised_at),
        "authors": [{"name": name} for name in item.authors or (item.source_name or item.source,)],
        "tags": list(item.themes),
        **({"language": item.language} if item.language != OTHER else {}),
    }
