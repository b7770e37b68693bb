#!/usr/bin/env bash
# node-ical 0.26.1: a category that holds a comma becomes two, the first with a backslash at its end.
#
# Expected: CATEGORIES:Calls\, grants,Energy are two categories, "Calls, grants" and "Energy": an escaped comma parts
#   nothing (RFC 5545 sections 3.1.1 and 3.3.11). ical.js reads it so.
# Seen: "Calls\", "grants" and "Energy". The same escape in SUMMARY is read right.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts node-ical@0.26.1 ical.js@2.2.1
cat >seen.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import nodeIcal from "node-ical";

for (const name of ["node-ical", "ical.js"])
  console.log(name, JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version);
const source = [
  "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example.org//EN", "BEGIN:VEVENT", "UID:1@example.org",
  "DTSTAMP:20261120T100000Z", "DTSTART;VALUE=DATE:20261201", "SUMMARY:Call closes\\, at last",
  "CATEGORIES:Calls\\, grants,Energy", "END:VEVENT", "END:VCALENDAR", "",
].join("\r\n");
const event = Object.values(nodeIcal.sync.parseICS(source)).find((each) => each.type === "VEVENT");
const other = new ICAL.Component(ICAL.parse(source)).getFirstSubcomponent("vevent").getFirstProperty("categories");
console.log(JSON.stringify({ "node-ical": event.categories, "ical.js": other.getValues(), summary: event.summary }));
const asDescribed =
  event.categories.join("|") === "Calls\\|grants|Energy" &&
  other.getValues().join("|") === "Calls, grants|Energy" &&
  event.summary === "Call closes, at last";
if (!asDescribed) {
  console.log("it is read otherwise now");
  process.exit(1);
}
JAVASCRIPT
node seen.mjs
