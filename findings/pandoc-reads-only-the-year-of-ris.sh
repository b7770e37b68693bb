#!/usr/bin/env bash
# pandoc 3.9: of the date of a RIS record it reads the year in PY, and nothing of DA.
#
# Expected: DA is the date of publication as YYYY/MM/DD/other; with it the item is issued on a day.
# Seen:     month and day are lost; a record that has DA without PY has no date at all.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install 'pypandoc_binary==1.17'
"$work/venv/bin/python" - <<'PYTHON'
import json

import pypandoc


def issued(*dates):
    lines = ("TY  - ELEC", "TI  - A title", *dates, "UR  - https://www.example.org/1", "ER  - ", "")
    (item,) = json.loads(pypandoc.convert_text("\n".join(lines), "csljson", format="ris"))
    return item.get("issued", {}).get("date-parts")


both, day, year = issued("PY  - 2026", "DA  - 2026/11/30/"), issued("DA  - 2026/11/30/"), issued("PY  - 2026")
print("pandoc", pypandoc.get_pandoc_version(), "| PY and DA:", both, "| DA:", day, "| PY:", year)
assert year == [[2026]]
assert both == [[2026]] and not day, "pandoc has changed: it reads DA"
PYTHON
