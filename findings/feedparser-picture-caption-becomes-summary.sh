#!/usr/bin/env bash
# feedparser 6.0.14: the caption of a picture is read as the summary of the entry, if it stands first.
#
# Expected: `summary` is the item's <description>, wherever the Media RSS elements stand: they describe the picture,
#           and belong to another namespace.
# Seen:     with <media:description> before <description>, `summary` is the caption and the description moves into
#           `content`; the other way round `summary` is the description. A reader that shows summaries shows captions.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install 'feedparser==6.0.14'
"$work/venv/bin/python" - <<'PYTHON'
import feedparser

CAPTION = "<media:description>Photo: the house</media:description>"
WORDS = "<description>What happened</description>"


def entry(inside):
    feed = (
        '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>t</title>'
        f"<item><title>a</title>{inside}</item></channel></rss>"
    )
    return feedparser.parse(feed.encode()).entries[0]


first, last = entry(CAPTION + WORDS), entry(WORDS + CAPTION)
print("feedparser", feedparser.__version__)
print("caption first:", first.summary, "| content:", [part.value for part in first.get("content", [])])
print("caption last: ", last.summary)
assert first.summary == "Photo: the house", "feedparser has changed: the caption is no summary any more"
assert last.summary == "What happened"
PYTHON
