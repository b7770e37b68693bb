#!/usr/bin/env bash
# ical-generator 10.2.0: an event's address is escaped, the calendar's name is not; it should be the other way round.
#
# Expected: URL is of the type URI, which is written as it is (RFC 5545 sections 3.3.13 and 3.8.4.6); NAME is TEXT, in
#   which commas and semicolons get a backslash (RFC 7986 section 5.1, RFC 5545 section 3.3.11).
# Seen: URL;VALUE=URI:https://example.org/?ids=1\,2\;view=all and NAME:Calls, deadlines; 2026. ical.js, which Thunderbird
#   uses, opens the address with its backslashes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts ical-generator@10.2.0 ical.js@2.2.1
cat >seen.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import generator from "ical-generator";

for (const name of ["ical-generator", "ical.js"])
  console.log(name, JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version);
const address = "https://example.org/?ids=1,2;view=all";
const calendar = generator({ name: "Calls, deadlines; 2026" });
calendar.createEvent({ id: "1", start: new Date("2026-12-01"), allDay: true, summary: "Call closes", url: address });
const written = calendar.toString();
const lines = written.split("\r\n").filter((line) => /^(URL|NAME)/.test(line));
const event = new ICAL.Component(ICAL.parse(written)).getFirstSubcomponent("vevent");
const read = event.getFirstPropertyValue("url");
console.log(lines.join("\n") + "\nical.js reads " + read);
const asDescribed = lines.join() === "NAME:Calls, deadlines; 2026,URL;VALUE=URI:https://example.org/?ids=1\\,2\\;view=all";
if (!asDescribed || read === address) {
  console.log("it is written otherwise now");
  process.exit(1);
}
JAVASCRIPT
node seen.mjs
