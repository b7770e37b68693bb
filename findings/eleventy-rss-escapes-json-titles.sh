#!/usr/bin/env bash
# @11ty/eleventy-plugin-rss 3.0.0 (Eleventy 3.1.8): titles in the JSON Feed that it makes are escaped as if for HTML.
#
# Expected: title is plain text (JSON Feed 1.1): the site "Research & Technology", the item "Robots < 1 kg & more".
# Seen: "Research &amp; Technology" and "Robots &lt; 1 kg &amp; more"; readers show them so. The Atom feed of the same
#   site is right, because XML needs the escape.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @11ty/eleventy@3.1.8 @11ty/eleventy-plugin-rss@3.0.0
mkdir site
cat >site/eleventy.config.mjs <<'JAVASCRIPT'
import { feedPlugin } from "@11ty/eleventy-plugin-rss";

export default function (config) {
  const metadata = { language: "en", title: "Research & Technology", base: "https://example.org/", author: { name: "A" } };
  config.addPlugin(feedPlugin, { type: "json", outputPath: "/feed.json", collection: { name: "post", limit: 9 }, metadata });
}
JAVASCRIPT
printf -- '---\ntags: post\ndate: 2026-11-20\ntitle: "Robots < 1 kg & more"\n---\nText.\n' >site/one.md
(cd site && ../node_modules/.bin/eleventy --quiet --output=../out)
cat >seen.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";

for (const name of ["@11ty/eleventy", "@11ty/eleventy-plugin-rss"])
  console.log(name, JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version);
const feed = JSON.parse(readFileSync("out/feed.json"));
const titles = [feed.title, feed.items[0].title];
console.log(titles.join("\n"));
if (titles.join() !== "Research &amp; Technology,Robots &lt; 1 kg &amp; more") {
  console.log("titles are written otherwise now");
  process.exit(1);
}
JAVASCRIPT
node seen.mjs
