#!/usr/bin/env bash
# feed 6.0.0 (npm): in Atom, every enclosure is said to be a picture.
#
# Expected: { enclosure: { url, type: "application/pdf", length } } is a link with rel="enclosure" and that type.
# Seen: type="image/pdf" in Atom, whatever type is given; RSS of the same feed says application/pdf. Who looks for the
#   document of a press release by its type finds a picture.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts feed@6.0.0
cat >seen.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { Feed } from "feed";

console.log("feed", JSON.parse(readFileSync("node_modules/feed/package.json")).version);
const feed = new Feed({ id: "https://example.org/", title: "News", link: "https://example.org/", copyright: "none" });
const enclosure = { url: "https://example.org/report.pdf", type: "application/pdf", length: 1024 };
feed.addItem({ title: "Report", link: "https://example.org/1", date: new Date("2026-11-20T10:00:00Z"), enclosure });
const typeIn = (document) => document.match(/<(?:link|enclosure)[^>]*report\.pdf[^>]*>/)[0].match(/ type="([^"]*)"/)[1];
const [rss, atom] = [typeIn(feed.rss2()), typeIn(feed.atom1())];
console.log(`RSS ${rss}, Atom ${atom}`);
if (rss !== "application/pdf" || atom !== "image/pdf") {
  console.log("types are written otherwise now");
  process.exit(1);
}
JAVASCRIPT
node seen.mjs
