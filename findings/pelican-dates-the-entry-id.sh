#!/usr/bin/env bash
# pelican 4.11.0 (feedgenerator 2.2.1): the id of an entry holds the article's day, in Atom and in RSS alike.
#
# Expected: an id that never changes, whatever becomes of the entry (RFC 4287, 4.2.6).
# Seen: an article whose date was put right from 20 to 21 November, with the same address and the same words, has another
#   id after the next build: readers that keep to the id show and send it a second time.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install pelican==4.11.0 feedgenerator==2.2.1 markdown==3.10
mkdir content
cat >settings.py <<'PYTHON'
SITENAME = "S"
SITEURL = "https://example.org"
TIMEZONE = "Europe/Berlin"
FEED_ALL_ATOM = "atom.xml"
FEED_ALL_RSS = "rss.xml"
PYTHON
for day in 20 21; do
    printf 'Title: Laboratory\nDate: 2026-11-%s 10:00\nSlug: laboratory\n\nText.\n' "$day" >content/one.md
    venv/bin/pelican content --settings=settings.py --output="out-$day" --quiet >/dev/null
done
venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

print("pelican", version("pelican"), "feedgenerator", version("feedgenerator"))
seen = []
for day in (20, 21):
    atom = ElementTree.parse(Path(f"out-{day}/atom.xml")).find("{*}entry")
    rss = ElementTree.parse(Path(f"out-{day}/rss.xml")).find("channel/item")
    seen.append((atom.find("{*}link").get("href"), atom.findtext("{*}id"), rss.findtext("guid")))
    print(*seen[-1])
wanted = [
    ("https://example.org/laboratory.html", *2 * (f"tag:example.org,2026-11-{day}:/laboratory.html",)) for day in (20, 21)
]
if seen != wanted:
    sys.exit("entries are named otherwise now")
PYTHON
