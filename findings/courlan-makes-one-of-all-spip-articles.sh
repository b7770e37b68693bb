#!/usr/bin/env bash
# courlan 1.4.0 (which trafilatura uses for links): a query that is a word without "=" is dropped as if it were empty.
#
# Expected: the address of a page stays the address of that page. A query is free text (RFC 3986, 3.4), and SPIP, which
#   many French institutions publish with, numbers its pages so: spip.php?article123.
# Seen: every article of such a site becomes /spip.php; of three links one is left. With ?page=article&id_article=123,
#   SPIP's long form, all is well.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install courlan==1.4.0
"$work/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

from courlan import check_url, clean_url

print("courlan", version("courlan"))
short = [f"https://www.example.org/spip.php?{page}" for page in ("article123", "article124", "rubrique7")]
long = [f"https://www.example.org/spip.php?id_article={number}&page=article" for number in (123, 124)]
seen = {(clean_url(address), (check_url(address) or ("",))[0]) for address in short}
print(seen)
if seen != {2 * ("https://www.example.org/spip.php",)} or [clean_url(address) for address in long] != long:
    sys.exit("queries are kept otherwise now")
PYTHON
