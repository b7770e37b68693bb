#!/usr/bin/env bash
# cloudevents 10.0.0 (npm) beside cloudevents 2.2.0 (PyPI): one event in binary HTTP form has two subjects.
#
# Expected: in headers, attributes stand percent-encoded, and who receives them decodes (CloudEvents HTTP protocol
#   binding 1.0.2, 3.1.3.2): the subject "Énergie" arrives as "Énergie" from either to the other.
# Seen: Python writes %C3%89nergie, which JavaScript leaves as it is; JavaScript writes É itself into the header, which
#   Node sends as one byte of Latin-1. Only ASCII subjects meet.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts cloudevents@10.0.0
python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install cloudevents==2.2.0
cat >sent.py <<'PYTHON'
import json

from cloudevents.core.bindings.http import to_binary_event
from cloudevents.core.v1.event import CloudEvent

attributes = {"specversion": "1.0", "id": "1", "source": "/feed", "type": "org.example.item", "subject": "Énergie"}
print(json.dumps(to_binary_event(CloudEvent(attributes, {"a": 1})).headers))
PYTHON
cat >seen.cjs <<'JAVASCRIPT'
const { CloudEvent, HTTP } = require("cloudevents");

const headers = JSON.parse(process.argv[2]);
const read = HTTP.toEvent({ headers: { ...headers, "content-type": "application/json" }, body: '{"a":1}' }).subject;
const event = new CloudEvent({ id: "1", source: "/feed", type: "org.example.item", subject: "Énergie", data: { a: 1 } });
const seen = [headers["ce-subject"], read, HTTP.binary(event).headers["ce-subject"]];
console.log("cloudevents", require("cloudevents/package.json").version, "(npm)");
console.log(`Python writes ${seen[0]}, JavaScript reads ${seen[1]} and writes ${seen[2]}`);
if (seen.join() !== "%C3%89nergie,%C3%89nergie,Énergie") {
  console.log("header values are written otherwise now");
  process.exit(1);
}
JAVASCRIPT
venv/bin/python -c 'from importlib.metadata import version; print("cloudevents", version("cloudevents"), "(PyPI)")'
node seen.cjs "$(venv/bin/python sent.py)"
