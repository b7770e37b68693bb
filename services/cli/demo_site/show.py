"""The demonstration itself: sets the scene, publishes one text after the other, says what happens to each."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from services.cli.demo_site.product import Product
from services.cli.demo_site.render import render_sources
from services.cli.demo_site.server import Press
from services.cli.demo_site.texts import News, load_feeds, load_news
from services.cli.demo_site.watch import Followed, Mailbox, follow, items_archived
from shared.clock import SystemClock
from shared.errors import VigieError
from shared.store import Store
from shared.subscriptions.options import SURE
from shared.wiring import open_store

READER: Final = "journalist@example.org"
THEMES: Final = ("energy", "health")
QUERY: Final = " OR ".join(f"theme:{theme}" for theme in THEMES)
# seconds, of which a machine at leisure needs a tenth: one that is busy shows less quickly and nothing less
START_WITHIN: Final = 300.0  # until portal and first items are there
ARRIVE_WITHIN: Final = 150.0  # that a text may take to where it belongs
LOOK_EVERY: Final = 0.25
WIDTH: Final = 120  # characters of a line


@dataclass(slots=True)
class Show:
    """One demonstration in `folder`, its portal at `address`; `every` seconds a text, at most `most` of them."""

    folder: Path
    address: str
    every: float
    most: int | None
    _press: Press | None = None
    _product: Product | None = None
    _store: Store | None = None
    _followed: list[Followed] = field(default_factory=list)

    def run(self) -> int:
        """Exit code 0 when everything that was published arrived where it belongs."""
        clock = SystemClock()
        _say("Everything in this demonstration is invented, and nothing leaves this machine. Ctrl-C ends it.")
        press = self._press = Press(load_feeds(clock.now()))
        product = self._product = Product(self.folder, self.address)
        product.sources.write_text(render_sources(press.base, press.feeds), "utf-8")
        _say("Preparing: database, and a reader who wants energy and health …")
        product.command("migrate")
        product.command("people", "add", READER, "--query", QUERY, "--every", "instant", "--confirmed")
        product.start()
        self._wait(product.answers, "the portal")
        self._introduce(press)
        store = self._store = open_store(product.settings)
        expected = sum(len(feed.texts) for feed in press.feeds)
        self._wait(lambda: items_archived(store) >= expected, "the first items")
        _say(f"All {expected} entries that the feeds had are tagged and in the archive.")
        return self._publish(press, store, Mailbox(product.settings.mail_dir))

    def close(self) -> None:
        """End everything that was started."""
        for part in (self._product, self._press):
            if isinstance(part, Product):
                part.stop()
            elif part is not None:
                part.close()
        if self._store is not None:
            self._store.close()

    def _introduce(self, press: Press) -> None:
        portal = f"http://{self.address}"
        entries = sum(len(feed.texts) for feed in press.feeds)
        _say(f"Portal  {portal}/")
        _say(f"Mails   {portal}/en/mails   to {READER}, who asked for: {QUERY}")
        _say(f"Press   {press.base}/   {len(press.feeds)} feeds in German, French and English, {entries} entries")
        _say("")

    def _publish(self, press: Press, store: Store, mailbox: Mailbox) -> int:
        for news in load_news()[: self.most]:
            self._followed.append(_published(press, news))
            self._look_for(self.every, store, mailbox)
        if self.most is None:
            _say("That was all that was prepared. The portal stays up until Ctrl-C.")
            self._look_for(float("inf"), store, mailbox)
        end = time.monotonic() + ARRIVE_WITHIN
        while time.monotonic() < end and any(_waits(text) for text in self._followed):
            self._look(store, mailbox)
        return _summary(self._followed)

    def _look_for(self, seconds: float, store: Store, mailbox: Mailbox) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._look(store, mailbox)

    def _look(self, store: Store, mailbox: Mailbox) -> None:
        for text in follow(store, mailbox, [text for text in self._followed if _waits(text)]):
            _say(_happened(text))
        self._check()
        time.sleep(LOOK_EVERY)

    def _wait(self, claim: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + START_WITHIN
        while not claim():
            self._check()
            if time.monotonic() > end:
                words = self._product.last_words() if self._product else ""
                raise VigieError(f"waited {START_WITHIN:.0f} s for {what}. The services' last words:\n{words}")
            time.sleep(LOOK_EVERY)

    def _check(self) -> None:
        if self._product is not None:
            self._product.check()


def _published(press: Press, news: News) -> Followed:
    """Publish the news; a text that the feed had already becomes its next revision."""
    feed = next(feed for feed in press.feeds if feed.id == news.feed)
    edit = any(text.slug == news.slug for text in feed.texts)
    now = datetime.now(UTC)
    url = press.publish(news, now)
    _say(f"{'edited' if edit else 'published':<10}        {feed.organisation}: {news.title}")
    return Followed(news.title, url, now, revision=2 if edit else 1)


def wanted(text: Followed) -> bool:
    """Whether the reader gets it at once: a theme of hers that is sure enough, and news to her."""
    if text.revision != 1 or text.seen is None:
        return False
    return any(text.seen.scores.get(theme, 0.0) >= SURE for theme in set(THEMES) & set(text.seen.themes))


def _told_before(text: Followed) -> bool:
    """Whether the item joined a story that another item had begun."""
    return text.seen is not None and text.seen.story != text.seen.item_id


def _waits(text: Followed) -> bool:
    return text.seen is None or (wanted(text) and not _told_before(text) and text.mailed is None)


def _happened(text: Followed) -> str:
    if text.mailed_after is not None:
        return _line("mailed", text.mailed_after, text.title)
    if text.seen is None or text.seen_after is None:
        return ""
    if text.revision > 1:
        return _line("revised", text.seen_after, f"revision {text.seen.revision}, no second mail: {text.title}")
    tags = f"{text.seen.language}: {', '.join(text.seen.themes) or 'no theme'}"
    again = "; the story is known, so no second mail" if wanted(text) and _told_before(text) else ""
    return _line("first seen", text.seen_after, f"{tags}{again} – {text.title}")


def _line(what: str, seconds: float, words: str) -> str:
    line = f"{what:<10} {seconds:5.1f} s  {words}"
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"


def _summary(texts: Sequence[Followed]) -> int:
    seen = sum(text.seen is not None for text in texts)
    due = [text for text in texts if wanted(text) and not _told_before(text)]
    mailed = [text.mailed_after for text in due if text.mailed_after is not None]
    _say("")
    _say(f"{seen} of {len(texts)} publications arrived.")
    _say(f"{len(mailed)} of the {len(due)} that the reader had asked for were mailed.")
    if mailed:
        _say(f"Slowest mail: {max(mailed):.1f} s after publication.")
    return 0 if seen == len(texts) and mailed and len(mailed) == len(due) else 1


def _say(line: str) -> None:
    print(f"{datetime.now().astimezone():%H:%M:%S}  {line}".rstrip() if line else "", flush=True)
