"""Feed documents made for a test."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Entry:
    """One entry of a feed. The link is made of the site and the name."""

    name: str
    title: str
    text: str = ""
    published: datetime | None = None
    guid: str = ""


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def rss(entries: Iterable[Entry], site: str = "https://www.example.org", language: str = "de") -> bytes:
    """An RSS 2.0 document."""
    items = "".join(_item(entry, site) for entry in entries)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>Example</title><link>{site}/</link><description>Example</description>"
        f"<language>{language}</language>{items}</channel></rss>"
    ).encode()


def _item(entry: Entry, site: str) -> str:
    date = f"<pubDate>{format_datetime(entry.published)}</pubDate>" if entry.published else ""
    guid = escape(entry.guid or f"{site}/{entry.name}")
    return (
        f"<item><title>{escape(entry.title)}</title><link>{site}/{entry.name}</link>"
        f'<guid isPermaLink="false">{guid}</guid>{date}<description>{escape(entry.text)}</description></item>'
    )
