#!/usr/bin/env bash
# gorilla/feeds v1.2.0 (Go): an item without a date gets a new id in Atom each time the feed is written.
#
# Expected: an entry's id is permanent (RFC 4287 section 4.2.6); with a link and no Id, the link would do, as it does in
#   RSS, which then has no guid at all.
# Seen: urn:uuid: and a random number, another one in every answer of the server: readers that go by the id show all
#   such entries as new at each poll. The date that Atom demands is written empty.
set -euo pipefail

work=$(mktemp -d)
trap 'chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
mkdir "$work/seen" && cd "$work/seen"
export GOPATH="$work/go" GOFLAGS=-mod=mod
printf 'module seen\ngo 1.22\nrequire github.com/gorilla/feeds v1.2.0\n' >go.mod
cat >seen.go <<'GO'
package main

import (
	"fmt"
	"os"
	"regexp"
	"runtime"

	"github.com/gorilla/feeds"
)

func main() {
	page := &feeds.Link{Href: "https://example.org/1"}
	feed := &feeds.Feed{Title: "News", Link: &feeds.Link{Href: "https://example.org/"}}
	feed.Items = []*feeds.Item{{Title: "A laboratory opens", Link: page}}
	fmt.Println("gorilla/feeds v1.2.0", runtime.Version())
	ids := map[string]bool{}
	for range 3 {
		atom, err := feed.ToAtom()
		if err != nil {
			panic(err)
		}
		id := regexp.MustCompile(`<entry>[\s\S]*<id>(.*?)</id>`).FindStringSubmatch(atom)[1]
		fmt.Println("id", id[:len("urn:uuid:")]+"…, as before:", ids[id])
		ids[id] = true
	}
	if len(ids) != 3 {
		fmt.Println("the id stays now")
		os.Exit(1)
	}
}
GO
go mod tidy 2>tidy.log || { cat tidy.log >&2; exit 2; }
go run .
