#!/usr/bin/env bash
# flufl.bounce 6.0.0: the failure of an internationalised address is no bounce.
#
# Expected: a delivery status notification names its recipient as "rfc822; …" or, where the address is not ASCII,
#   as "utf-8; …" (RFC 6533 section 3), in message/delivery-status or message/global-delivery-status; both are failures.
# Seen: with "utf-8" nothing is found, not even for an ASCII address: the list goes on mailing to it. With "rfc822" it is.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check flufl.bounce==6.0.0
"$work/venv/bin/python" - <<'PYTHON'
import platform
import sys
from email import message_from_bytes
from importlib.metadata import version

from flufl.bounce import all_failures

print("flufl.bounce", version("flufl.bounce"), "Python", platform.python_version())


def notification(kind: str, recipient: str) -> bytes:
    return f"""From: MAILER-DAEMON@relay.example.org
To: alerts@example.org
Subject: Undelivered Mail Returned to Sender
Message-ID: <1@relay.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="part"

--part
Content-Type: text/plain; charset=utf-8

The mail could not be delivered.

--part
Content-Type: message/{kind}

Reporting-MTA: dns; relay.example.org

Final-Recipient: {recipient}
Action: failed
Status: 5.1.1

--part--
""".encode()


cases = [
    ("delivery-status", "rfc822; reader@example.org"),
    ("delivery-status", r"utf-8; leserin.m\x{FC}ller@example.org"),
    ("global-delivery-status", "utf-8; leserin.müller@example.org"),
    ("global-delivery-status", "utf-8; reader@example.org"),
]
found = []
for kind, recipient in cases:
    temporary, permanent = all_failures(message_from_bytes(notification(kind, recipient)))
    found.append(len(temporary) + len(permanent))
    print(f"{kind:24} {recipient:40} {found[-1]} failures")
sys.exit(0 if found == [1, 0, 0, 0] else "bounces are found otherwise now")
PYTHON
