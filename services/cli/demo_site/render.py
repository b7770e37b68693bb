"""Pure. Feeds and pages of the invented bodies, and the sources file that makes Vigie watch them."""

from email.utils import format_datetime
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from services.cli.demo_site.texts import Feed, Text

INVENTED: Final = {
    "de": "(Diese Meldung ist erfunden.)",
    "fr": "(Cette annonce est fictive.)",
    "en": "(This item is invented.)",
}
INTERVAL: Final = 2  # seconds between two polls of a feed
_RSS: Final = "application/rss+xml; charset=utf-8"
_ATOM: Final = "application/atom+xml; charset=utf-8"


def feed_url(base: str, feed: Feed) -> str:
    return f"{base}/{feed.id}/feed.xml"


def text_url(base: str, feed_id: str, slug: str) -> str:
    return f"{base}/{feed_id}/{slug}"


def render_feed(base: str, feed: Feed) -> tuple[str, bytes]:
    """Content type and document."""
    if feed.format == "atom":
        return _ATOM, _atom(base, feed).encode()
    return _RSS, _rss(base, feed).encode()


def render_page(feed: Feed, text: Text) -> bytes:
    """The article that a link leads to."""
    return _page(
        feed.language,
        text.title,
        f"<p><em>{escape(feed.name)}</em></p><p>{escape(text.text)}</p><p>{INVENTED[feed.language]}</p>",
    )


def render_index(base: str, feeds: tuple[Feed, ...]) -> bytes:
    """The site's front page: the feeds and what stands in them."""
    parts = [
        f"<h2><a href={quoteattr(feed_url(base, f))}>{escape(f.name)}</a></h2>{_list(base, f)}" for f in feeds
    ]
    return _page("en", "The demonstration's press (invented)", "".join(parts))


def render_sources(base: str, feeds: tuple[Feed, ...]) -> str:
    """The sources file."""
    return "\n".join(
        f'[[source]]\nid = "{f.id}"\nname = "{f.name}"\nkind = "feed"\nurl = "{feed_url(base, f)}"\n'
        f'country = "{f.country}"\nlanguages = ["{f.language}"]\norganisation = "{f.organisation}"\n'
        f"interval = {INTERVAL}\n"
        for f in feeds
    )


def _body(feed: Feed, text: Text) -> str:
    return f"<p>{escape(text.text)}</p><p>{INVENTED[feed.language]}</p>"


def _rss(base: str, feed: Feed) -> str:
    items = "".join(
        f"<item><title>{escape(text.title)}</title>"
        f"<link>{text_url(base, feed.id, text.slug)}?utm_source=rss</link>"
        f'<guid isPermaLink="false">{feed.id}-{text.slug}</guid>'
        f"<pubDate>{format_datetime(text.published)}</pubDate>"
        f"<description>{escape(_body(feed, text))}</description></item>\n"
        for text in feed.texts
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(feed.name)}</title><link>{base}/</link><language>{feed.language}</language>"
        f"<description>{escape(feed.name)}</description>\n{items}</channel></rss>\n"
    )


def _atom(base: str, feed: Feed) -> str:
    entries = "".join(
        f'<entry><title>{escape(text.title)}</title><link href="{text_url(base, feed.id, text.slug)}"/>'
        f"<id>tag:example.org,2026:{feed.id}/{text.slug}</id><published>{text.published.isoformat()}</published>"
        f"<updated>{text.published.isoformat()}</updated>"
        f'<content type="html">{escape(_body(feed, text))}</content></entry>\n'
        for text in feed.texts
    )
    newest = max(text.published for text in feed.texts)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{feed.language}">'
        f"<title>{escape(feed.name)}</title><id>tag:example.org,2026:{feed.id}</id>"
        f'<link href="{base}/"/><updated>{newest.isoformat()}</updated>\n{entries}</feed>\n'
    )


def _list(base: str, feed: Feed) -> str:
    links = (
        f"<li><a href={quoteattr(text_url(base, feed.id, t.slug))}>{escape(t.title)}</a></li>" for t in feed.texts
    )
    return f'<ul lang="{feed.language}">{"".join(links)}</ul>'


def _page(language: str, title: str, body: str) -> bytes:
    head = f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{escape(title)}</title>'
    style = "<style>body{max-width:42rem;margin:2rem auto;padding:0 1rem;font:1.1rem/1.5 sans-serif}</style>"
    return f"{head}{style}<h1>{escape(title)}</h1>{body}".encode()
