#!/usr/bin/env bash
# Python 3.11.7 and 3.13.5, email.policy.SMTP: a long List-Unsubscribe leaves as an encoded word, and is none any more.
#
# Expected: an address of more than 78 letters stands as it is on a line of its own (RFC 5322 allows 998), for encoded
#           words must not occur in a structured field (RFC 2047 section 5), and RFC 2369 defines List-Unsubscribe as
#           one.
# Seen:     "List-Unsubscribe: =?utf-8?q?=3Chttps=3A//…": mail programs that look for an address in <> show no button.
#           A policy with max_line_length=0 writes it as it is.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
"$work/venv/bin/python" - <<'PYTHON'
import sys
from email.message import EmailMessage
from email.policy import SMTP

ADDRESS = "<https://www.example.org/leave/" + "a-signed-token-" * 6 + ">"


def written(policy):
    message = EmailMessage(policy=policy)
    message["List-Unsubscribe"] = ADDRESS
    return message.as_bytes().decode().partition("\r\n\r\n")[0]


hidden, plain = written(SMTP), written(SMTP.clone(max_line_length=0))
print("Python", sys.version.split()[0])
print("policy SMTP:        ", hidden.splitlines()[0])
print("max_line_length = 0:", plain.splitlines()[0][:64])
assert "=?utf-8?q?" in hidden and ADDRESS not in hidden, "Python has changed: the address stays readable"
assert plain == f"List-Unsubscribe: {ADDRESS}"
PYTHON
