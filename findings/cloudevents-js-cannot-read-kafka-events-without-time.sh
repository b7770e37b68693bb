#!/usr/bin/env bash
# cloudevents 10.0.0 (npm): a structured event on Kafka that carries no time is refused.
#
# Expected: time is optional (CloudEvents 1.0.2, "Optional attributes"); the event is read.
# Seen: Kafka.toEvent fails with "Invalid time value". The same bytes over HTTP, and the same event on Kafka in binary
#   form, are read; with a time, the structured one too.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts cloudevents@10.0.0
cat >seen.cjs <<'JAVASCRIPT'
const { HTTP, Kafka } = require("cloudevents");

console.log("cloudevents", require("cloudevents/package.json").version);
const event = { specversion: "1.0", id: "1", source: "/feed", type: "org.example.item", data: { a: 1 } };
const headers = { "content-type": "application/cloudevents+json" };
const binary = { ce_specversion: "1.0", ce_id: "1", ce_source: "/feed", ce_type: "org.example.item" };
const dated = { ...event, time: "2026-11-20T10:00:00Z" };
const tries = {
  "http, structured": () => HTTP.toEvent({ headers, body: JSON.stringify(event) }),
  "kafka, binary": () => Kafka.toEvent({ headers: { ...binary, "content-type": "application/json" }, value: '{"a":1}' }),
  "kafka, structured, with a time": () => Kafka.toEvent({ headers, value: Buffer.from(JSON.stringify(dated)) }),
  "kafka, structured": () => Kafka.toEvent({ headers, value: Buffer.from(JSON.stringify(event)) }),
};
const seen = Object.entries(tries).map(([name, read]) => {
  let what;
  try {
    what = `id ${read().id}`;
  } catch (error) {
    what = error.message;
  }
  console.log(`${name}: ${what}`);
  return what;
});
if (seen.join() !== "id 1,id 1,id 1,Invalid time value") {
  console.log("events without a time are read otherwise now");
  process.exit(1);
}
JAVASCRIPT
node seen.cjs
