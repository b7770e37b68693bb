#!/usr/bin/env bash
# feedparser 6.0.14: of an Atom entry's versions in several languages, `link` is the last one.
#
# Expected: with several <link rel="alternate" hreflang="…">, `entry.link` is the first, or the one in the feed's
#           language (RFC 4287 section 4.1.1 allows several that differ in hreflang).
# Seen:     it is whichever stands last, so that a German feed links its readers to English pages when the publisher's
#           software writes the translations behind the original.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install 'feedparser==6.0.14'
"$work/venv/bin/python" - <<'PYTHON'
import feedparser

FEED = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>t</title><id>urn:x:f</id>
<updated>2026-11-20T10:00:00Z</updated><entry><id>urn:x:1</id><title>a</title><updated>2026-11-20T10:00:00Z</updated>
<link rel="alternate" hreflang="de" href="https://www.example.org/de/1"/>
<link rel="alternate" hreflang="en" href="https://www.example.org/en/1"/></entry></feed>"""

entry = feedparser.parse(FEED.encode()).entries[0]
print("feedparser", feedparser.__version__)
print("link:", entry.link, "| all:", [link.href for link in entry.links])
assert entry.link == "https://www.example.org/en/1", "feedparser has changed: another version is the link now"
PYTHON
