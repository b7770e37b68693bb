"""What the invented bodies say: one TOML file per feed, and `news.toml` with what comes while one watches."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any, Final

FEEDS: Final = ("leuchtturm", "uebermorgen", "morgenblatt", "cote", "aurore", "harbour")


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a feed, named by its slug. `published` is when the feed dates it."""

    slug: str
    title: str
    text: str
    published: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """An invented body's channel. `format` is rss or atom; `texts` are what stands in it, the newest first."""

    id: str
    name: str
    organisation: str
    language: str
    country: str
    format: str
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class News:
    """What a body publishes next. Under a slug that its feed has already, it is an edit."""

    feed: str
    slug: str
    title: str
    text: str


def load_feeds(now: datetime) -> tuple[Feed, ...]:
    """The six feeds as they stand when the demonstration begins at `now`."""
    return tuple(_feed(_read(name), now) for name in FEEDS)


def load_news() -> tuple[News, ...]:
    """What will be published, in this order."""
    return tuple(
        News(entry["feed"], entry["slug"], entry["title"], entry["text"].strip())
        for entry in _read("news")["news"]
    )


def with_news(feed: Feed, news: News, now: datetime) -> Feed:
    """The feed after the publication: a new text on top, or an old one with other words and its old date."""
    before = next((text for text in feed.texts if text.slug == news.slug), None)
    fresh = Text(news.slug, news.title, news.text, before.published if before else now)
    others = [text for text in feed.texts if text.slug != news.slug]
    return _with_texts(feed, [fresh, *others])


def _with_texts(feed: Feed, texts: Sequence[Text]) -> Feed:
    ordered = tuple(sorted(texts, key=lambda text: text.published, reverse=True))
    return replace(feed, texts=ordered)


def _feed(content: Mapping[str, Any], now: datetime) -> Feed:
    texts = [
        Text(entry["slug"], entry["title"], entry["text"].strip(), now - timedelta(hours=entry["hours"]))
        for entry in content["entry"]
    ]
    head = {key: value for key, value in content.items() if key != "entry"}
    return _with_texts(Feed(**head, texts=()), texts)


def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text("utf-8"))
