#!/usr/bin/env bash
# feedparser 6.0.14: an empty <link/> makes an entry without an address, although its guid is a permalink.
#
# Expected: a guid without isPermaLink="false" is the entry's address (RSS 2.0), and feedparser uses it where there is
#           no <link>. An empty <link/> says no more than none.
# Seen:     without <link> the guid becomes `link`; with an empty one `link` stays empty and `guidislink` is False, so
#           that a reader cannot tell a permalink from an opaque id any more.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install 'feedparser==6.0.14'
"$work/venv/bin/python" - <<'PYTHON'
import feedparser


def entry(link):
    guid = "<guid>https://www.example.org/1</guid>"
    feed = f'<rss version="2.0"><channel><title>t</title><item><title>a</title>{link}{guid}</item></channel></rss>'
    return feedparser.parse(feed.encode()).entries[0]


without, empty = entry(""), entry("<link/>")
print("feedparser", feedparser.__version__)
print("no link:   ", repr(without.get("link")), without.get("guidislink"))
print("empty link:", repr(empty.get("link")), empty.get("guidislink"))
assert without.link == "https://www.example.org/1"
assert empty.get("link", "") == "" and empty.guidislink is False, "feedparser has changed: the guid is the link now"
PYTHON
