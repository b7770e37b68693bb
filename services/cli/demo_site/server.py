"""A web server on this machine for the invented feeds: ETag, 304, a page for every text."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

from services.cli.demo_site import render
from services.cli.demo_site.texts import Feed, News, with_news


class Press:
    """The site: serves until closed. Thread-safe."""

    def __init__(self, feeds: Sequence[Feed]) -> None:
        self._feeds = {feed.id: feed for feed in feeds}
        self._lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        Thread(target=self._server.serve_forever, name="press", daemon=True).start()

    @property
    def feeds(self) -> tuple[Feed, ...]:
        with self._lock:
            return tuple(self._feeds.values())

    def publish(self, news: News, now: datetime) -> str:
        """Put the news into its feed; returns the address of the text."""
        with self._lock:
            self._feeds[news.feed] = with_news(self._feeds[news.feed], news, now)
        return render.text_url(self.base, news.feed, news.slug)

    def answer(self, path: str) -> tuple[str, bytes] | None:
        """Content type and document of a path; None when there is nothing."""
        if path == "/":
            return "text/html; charset=utf-8", render.render_index(self.base, self.feeds)
        name, _, slug = path.strip("/").partition("/")
        feed = {feed.id: feed for feed in self.feeds}.get(name)
        if feed is None:
            return None
        if slug == "feed.xml":
            return render.render_feed(self.base, feed)
        text = next((text for text in feed.texts if text.slug == slug), None)
        return ("text/html; charset=utf-8", render.render_page(feed, text)) if text else None

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(press: Press) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found = press.answer(self.path.partition("?")[0])
            if found is None:
                self._send(404, "text/plain; charset=utf-8", b"not found\n", "")
                return
            kind, body = found
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if self.headers.get("If-None-Match") == etag:
                self._send(304, kind, b"", etag)
            else:
                self._send(200, kind, body, etag)

        def _send(self, status: int, kind: str, body: bytes, etag: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if etag:
                self.send_header("ETag", etag)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Silent: the demonstration says itself what happens."""

    return Handler
