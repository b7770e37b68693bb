#!/usr/bin/env bash
# @astrojs/rss 4.0.19: an item's link that has a query gets a slash behind the query.
#
# Expected: trailingSlash, on by default, adds its slash to the path: /news?id=7 is https://example.org/news/?id=7, or
#   stays as it is.
# Seen: https://example.org/news?id=7/ in <link> and in <guid>: the page is asked for the number "7/".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @astrojs/rss@4.0.19
cat >seen.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import rss from "@astrojs/rss";

console.log("@astrojs/rss", JSON.parse(readFileSync("node_modules/@astrojs/rss/package.json")).version);
const items = [{ title: "A laboratory opens", link: "/news?id=7", pubDate: new Date("2026-11-20") }];
const feed = await (await rss({ title: "News", description: "News", site: "https://example.org", items })).text();
const seen = feed.match(/<(?:link|guid)[^>]*>[^<]*id=7[^<]*/g);
console.log(seen.join("\n"));
if (!seen.every((each) => each.endsWith("https://example.org/news?id=7/"))) {
  console.log("links are written otherwise now");
  process.exit(1);
}
JAVASCRIPT
node seen.mjs
