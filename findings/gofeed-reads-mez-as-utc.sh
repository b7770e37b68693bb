#!/usr/bin/env bash
# gofeed v1.4.2 (Go): "MEZ" and "GMT+1" at the end of a date count as UTC.
#
# Expected: 10:00:00 MEZ (Central European Time, as German publishing systems write it) and 10:00:00 GMT+1 are 09:00 UTC,
#   like 10:00:00 CET; a zone that is not known is no date, or at least says so.
# Seen: 10:00 UTC without an error. An entry of a German publisher is an hour in the future when it comes, and readers
#   that hold such entries back show it late.
set -euo pipefail

work=$(mktemp -d)
trap 'chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
mkdir "$work/seen" && cd "$work/seen"
export GOPATH="$work/go" GOFLAGS=-mod=mod TZ=UTC
printf 'module seen\ngo 1.22\nrequire github.com/mmcdole/gofeed v1.4.2\n' >go.mod
cat >seen.go <<'GO'
package main

import (
	"fmt"
	"os"
	"runtime"

	"github.com/mmcdole/gofeed"
)

func main() {
	fmt.Println("gofeed v1.4.2", runtime.Version())
	hours := ""
	for _, zone := range []string{"+0100", "CET", "MEZ", "GMT+1"} {
		date := "Fri, 20 Nov 2026 10:00:00 " + zone
		document := `<rss version="2.0"><channel><title>News</title><item><title>A</title><pubDate>` + date + `</pubDate></item></channel></rss>`
		feed, err := gofeed.NewParser().ParseString(document)
		if err != nil {
			panic(err)
		}
		read := feed.Items[0].PublishedParsed.UTC()
		fmt.Println(date, "is read as", read)
		hours += fmt.Sprint(read.Hour(), " ")
	}
	if hours != "9 9 10 10 " {
		fmt.Println("dates are read otherwise now")
		os.Exit(1)
	}
}
GO
go mod tidy 2>tidy.log || { cat tidy.log >&2; exit 2; }
go run .
