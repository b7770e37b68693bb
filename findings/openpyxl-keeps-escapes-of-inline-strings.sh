#!/usr/bin/env bash
# openpyxl 3.1.5: an escape in an inline string of a workbook is not read as the character that it stands for.
# Expected: a cell of type inlineStr with <t>_x005F_x0041_</t> is the text "_x0041_"; `_xHHHH_` is the escape of
#   characters in every ST_Xstring, and the underscore is escaped where a text looks like an escape
#   (ECMA-376 part 1, 22.9.2.19, and 18.3.1.53 for inline strings).
# Seen: the cell's value is "_x005F_x0041_". openpyxl does not escape such a text when it writes one either, so that
#   Excel shows "A" for it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check openpyxl==3.1.5
"$work/venv/bin/python" - "$work" <<'PYTHON'
import platform
import re
import sys
from pathlib import Path
from zipfile import ZipFile

import openpyxl

print("openpyxl", openpyxl.__version__, "Python", platform.python_version())
written, changed = Path(sys.argv[1], "written.xlsx"), Path(sys.argv[1], "changed.xlsx")
book = openpyxl.Workbook(write_only=True)  # writes inline strings
book.create_sheet().append(["_x0041_"])
book.save(written)
with ZipFile(written) as source, ZipFile(changed, "w") as target:
    for name in source.namelist():
        part = source.read(name)
        if name == "xl/worksheets/sheet1.xml":
            print("writes", re.search(rb"<t[ >].*?</t>", part)[0].decode())
            part = part.replace(b"_x0041_", b"_x005F_x0041_")
        target.writestr(name, part)
read = openpyxl.load_workbook(changed).worksheets[0]["A1"].value
print("reads ", repr(read))
sys.exit(0 if read == "_x005F_x0041_" else "the escape is read as its character now")
PYTHON
