#!/usr/bin/env bash
# ics 0.7.3 (ics.py): a calendar that names no scale is written as one of a scale that does not exist.
#
# Expected: CALSCALE is left out, or GREGORIAN, the default and the only value there is (RFC 5545 section 3.7.1).
# Seen: a calendar that was read without CALSCALE is written with CALSCALE:GEORGIAN, which strict programs refuse.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check ics==0.7.3
"$work/venv/bin/python" - <<'PYTHON'
import platform
import sys
from importlib.metadata import version

from ics import Calendar

print("ics", version("ics"), "Python", platform.python_version())
source = "\r\n".join([
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example.org//EN", "BEGIN:VEVENT", "UID:1@example.org",
    "DTSTAMP:20261120T100000Z", "DTSTART;VALUE=DATE:20261201", "SUMMARY:Call closes", "END:VEVENT", "END:VCALENDAR", "",
])
scales = [line for line in Calendar(source).serialize().splitlines() if line.startswith("CALSCALE")]
print("read without, written with", scales)
sys.exit(0 if scales == ["CALSCALE:GEORGIAN"] else "the scale is written otherwise now")
PYTHON
