#!/usr/bin/env bash
# temoto/robotstxt 1.1.2 (Go): a group for "News" governs "Newsbot", and of two equally long rules the first one wins.
#
# Expected: a group is for the crawler whose product token it names, whole and in any case (RFC 9309, 2.2.1); where an
#   Allow and a Disallow are equally long, the Allow counts (2.2.2).
# Seen: the beginning of the name is enough, so that a rule for another crawler stops this one; and a
#   Disallow that stands before its Allow counts.
set -euo pipefail

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
export GOPATH="$work/go" GOFLAGS=-modcacherw
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/temoto/robotstxt"
)

func allowed(rules string) bool {
	read, err := robotstxt.FromString(rules)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	return read.TestAgent("/presse/", "Newsbot")
}

func main() {
	other := allowed("User-agent: News\nDisallow: /\n")
	unlike := allowed("User-agent: Bot\nDisallow: /\n")
	first := allowed("User-agent: *\nAllow: /presse/\nDisallow: /presse/\n")
	last := allowed("User-agent: *\nDisallow: /presse/\nAllow: /presse/\n")
	fmt.Printf("may read: group of News %v, of Bot %v, Allow first %v, Allow last %v\n", other, unlike, first, last)
	if other || !unlike || !first || last {
		fmt.Println("groups or equal rules are read otherwise now")
		os.Exit(1)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/temoto/robotstxt@v1.1.2 2>/dev/null
go list -m github.com/temoto/robotstxt
go run .
