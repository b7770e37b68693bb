#!/usr/bin/env bash
# standardwebhooks 1.1.0 (Python): sign() reads an aware time as if its hours were UTC.
#
# Expected: the signed time is that of the header webhook-timestamp, seconds since the epoch (Standard Webhooks,
#   "Signature scheme"); 11:00+01:00 and 10:00+00:00 are the same second.
# Seen: for a datetime of another zone the signature is made over a second an hour off, so that no receiver accepts it,
#   the same library's verify() neither; given in UTC, the same moment is accepted.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install standardwebhooks==1.1.0
"$work/venv/bin/python" - <<'PYTHON'
import sys
from datetime import UTC, datetime, timedelta, timezone
from importlib.metadata import version

from standardwebhooks import Webhook, WebhookVerificationError

print("standardwebhooks", version("standardwebhooks"))
webhook = Webhook("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz")
now = datetime.now(UTC).replace(microsecond=0)
seen = []
for zone in (UTC, timezone(timedelta(hours=1))):
    moment = now.astimezone(zone)
    headers = {
        "webhook-id": "message-1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": webhook.sign("message-1", moment, '{"a": 1}'),
    }
    try:
        webhook.verify('{"a": 1}', headers)
        seen.append("accepted")
    except WebhookVerificationError as error:
        seen.append(str(error))
    print(moment.isoformat(), seen[-1])
if seen != ["accepted", "No matching signature found"]:
    sys.exit("times are signed otherwise now")
PYTHON
