#!/usr/bin/env bash
# cloudevents 10.0.0 (npm): an event that came without a time has one after it was read: the moment of reading.
#
# Expected: an absent optional attribute stays absent; time is when the occurrence happened (CloudEvents 1.0.2, "time").
# Seen: the same bytes read twice are two events that happened at two times; passed on, the invented time goes along.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts cloudevents@10.0.0
cat >seen.cjs <<'JAVASCRIPT'
const { HTTP } = require("cloudevents");

console.log("cloudevents", require("cloudevents/package.json").version);
const body = JSON.stringify({ specversion: "1.0", id: "1", source: "/feed", type: "org.example.item", data: { a: 1 } });
const read = () => HTTP.toEvent({ headers: { "content-type": "application/cloudevents+json" }, body });
const first = read();
setTimeout(() => {
  const sent = [first, read()].map((event) => JSON.parse(HTTP.structured(event).body).time);
  console.log(`came without a time, passed on with ${sent.join(" and ")}`);
  if (!sent[0] || !sent[1] || sent[0] === sent[1]) {
    console.log("a missing time is treated otherwise now");
    process.exit(1);
  }
}, 50);
JAVASCRIPT
node seen.cjs
