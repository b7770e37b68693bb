#!/usr/bin/env bash
# feedgen 1.0.0: of an entry's links in Atom, only the address is written.
#
# Expected: rel, type, hreflang, title and length, which link() and enclosure() take, stand in the feed; a link
#   without rel is the entry's page (RFC 4287 section 4.2.7.2).
# Seen: every <link> of an entry has its href alone. An enclosure reads as a second page of the entry, and readers that
#   take the last one (feedparser does) lead to the file instead of the page. The feed's own links are written whole.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check feedgen==1.0.0 feedparser==6.0.14
"$work/venv/bin/python" - <<'PYTHON'
import platform
import re
import sys
from importlib.metadata import version

import feedparser
from feedgen.feed import FeedGenerator

print("feedgen", version("feedgen"), "feedparser", feedparser.__version__, "Python", platform.python_version())
feed = FeedGenerator()
feed.id("https://example.org/")
feed.title("News")
feed.link(href="https://example.org/", rel="alternate", hreflang="de")
entry = feed.add_entry()
entry.id("https://example.org/1")
entry.title("Report")
entry.link(href="https://example.org/1", rel="alternate", type="text/html", hreflang="de")
entry.enclosure("https://example.org/report.pdf", 1024, "application/pdf")
written = feed.atom_str().decode()
links = re.findall(r"<link [^>]*>", written)
print(*links, sep="\n")
leads_to = feedparser.parse(written).entries[0].link
print("feedparser leads to", leads_to)
as_described = (
    'rel="alternate"' in links[0]
    and links[1:] == ['<link href="https://example.org/1"/>', '<link href="https://example.org/report.pdf"/>']
    and leads_to.endswith(".pdf")
)
sys.exit(0 if as_described else "links are written otherwise now")
PYTHON
