#!/usr/bin/env bash
# ultimate-sitemap-parser 1.8.1: what a lastmod leaves out is taken from the day on which it is read.
#
# Expected: <lastmod>2024-03</lastmod> and <lastmod>2024</lastmod> are a month and a year (W3C date and time formats,
#   which sitemaps.org names); nothing, or their beginning, stands for the rest.
# Seen: the month gets today's day, the year today's month and day, at midnight and without a zone: each day the page
#   seems to have been changed one day later.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install ultimate-sitemap-parser==1.8.1
"$work/venv/bin/python" - <<'PYTHON'
import sys
from datetime import datetime
from importlib.metadata import version

from usp.tree import sitemap_from_str

print("ultimate-sitemap-parser", version("ultimate-sitemap-parser"))
today = datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
pages = "".join(
    f"<url><loc>https://example.org/{written}</loc><lastmod>{written}</lastmod></url>" for written in ("2024-03", "2024")
)
tree = sitemap_from_str(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{pages}</urlset>')
seen = [page.last_modified for page in tree.all_pages()]
print(*seen)
# 2024 had a 29 February, and March has 31 days: every day of a year can be put in
if seen != [today.replace(year=2024, month=3), today.replace(year=2024)]:
    sys.exit("short dates are read otherwise now")
PYTHON
