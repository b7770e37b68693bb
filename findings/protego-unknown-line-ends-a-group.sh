#!/usr/bin/env bash
# Protego 0.7.0: a line of robots.txt that it does not know, between two user agents, parts them.
#
# Expected: several User-agent lines in a row are one group; other records may stand anywhere and must not interfere
#   with the reading of the group (RFC 9309 section 2.2.4, whose example is a Sitemap that must not end one).
# Seen: with a Content-Signal, Request-rate or Noindex between them the first agent has a group without rules: it may
#   fetch what the file forbids to both. A Sitemap or a Host line parts nothing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check protego==0.7.0
"$work/venv/bin/python" - <<'PYTHON'
import platform
import sys
from importlib.metadata import version

from protego import Protego

print("Protego", version("protego"), "Python", platform.python_version())


def may_fetch(between: str) -> bool:
    rules = f"User-agent: first\n{between}User-agent: second\nDisallow: /\n"
    return Protego.parse(rules).can_fetch("https://example.org/page", "first")


seen = {
    between: may_fetch(between)
    for between in (
        "",
        "Sitemap: https://example.org/sitemap.xml\n",
        "Content-Signal: search=yes, ai-train=no\n",
        "Request-rate: 1/5\n",
        "Noindex: /old\n",
    )
}
for between, allowed in seen.items():
    print(f"{between.strip() or 'nothing between':45} first may fetch: {allowed}")
sys.exit(0 if list(seen.values()) == [False, False, True, True, True] else "groups are read otherwise now")
PYTHON
