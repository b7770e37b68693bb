#!/usr/bin/env bash
# mkdocs-rss-plugin 1.19.0 (MkDocs 1.6.1): with an ampersand in the site's name the feed is no XML.
#
# Expected: `site_name: Research & Technology` is written as "Research &amp; Technology" wherever it stands in the feed.
# Seen: it is in the channel's title, but not in <image> and in every item's <source>: parsers refuse the document, and
#   those that mend it guess. Besides, a site without a logo gets an image whose address is the word "None".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check mkdocs==1.6.1 mkdocs-rss-plugin==1.19.0
mkdir -p "$work/site/docs"
cat >"$work/site/mkdocs.yml" <<'YAML'
site_name: Research & Technology
site_url: https://example.org/
plugins:
  - rss:
      use_git: false
      date_from_meta: {as_creation: date}
YAML
printf -- '---\ndate: 2026-11-20\n---\n# A laboratory opens\n\nIt opens today.\n' >"$work/site/docs/index.md"
"$work/venv/bin/mkdocs" --quiet build --config-file "$work/site/mkdocs.yml" --site-dir "$work/out"
"$work/venv/bin/python" - "$work/out/feed_rss_created.xml" <<'PYTHON'
import re
import sys
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

print("mkdocs-rss-plugin", version("mkdocs-rss-plugin"), "MkDocs", version("mkdocs"))
feed = Path(sys.argv[1]).read_text("utf-8")
print(*re.findall(r"<(?:title|source)\b[^<]*", feed), re.findall(r"<url>.*?</url>", feed), sep="\n")
try:
    ElementTree.fromstring(feed)
except ElementTree.ParseError as error:
    print("not well-formed:", error)
    sys.exit(0 if "Research & Technology</source>" in feed else "broken otherwise now")
sys.exit("the feed is well-formed now")
PYTHON
