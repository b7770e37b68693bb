#!/usr/bin/env bash
# dkimpy 1.1.8: signs List-Unsubscribe by default, and leaves List-Unsubscribe-Post out.
#
# Expected: who signs the one signs the other: RFC 8058 section 4 wants both covered by the DKIM signature, or receivers
#           offer no one-click unsubscription.
# Seen:     h= of a signature made with the defaults names list-unsubscribe alone. `include_headers` has to be given.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install 'dkimpy==1.1.8'
openssl genrsa -out "$work/key" 2048 2>/dev/null
"$work/venv/bin/python" - "$work/key" <<'PYTHON'
import re
import sys
from importlib.metadata import version
from pathlib import Path

import dkim

LINES = (
    b"From: news@example.org",
    b"To: reader@example.net",
    b"Subject: News",
    b"Date: Mon, 30 Nov 2026 08:00:00 +0000",
    b"Message-ID: <1@example.org>",
    b"List-Unsubscribe: <https://example.org/leave/1>",
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    b"",
    b"News.",
    b"",
)
signature = dkim.sign(b"\r\n".join(LINES), b"selector", b"example.org", Path(sys.argv[1]).read_bytes()).decode()
signed = re.sub(r"\s", "", re.search(r"\bh=([^;]*);", signature)[1]).lower().split(":")
print("dkimpy", version("dkimpy"), "signs", signed)
assert "list-unsubscribe" in signed
assert "list-unsubscribe-post" not in signed, "dkimpy has changed: it signs List-Unsubscribe-Post by default"
PYTHON
