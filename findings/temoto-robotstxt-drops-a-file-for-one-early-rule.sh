#!/usr/bin/env bash
# temoto/robotstxt 1.1.2 (Go): one rule before the first User-agent line, and the whole file is an error.
#
# Expected: a rule that belongs to no group is passed over and every group counts (RFC 9309, 2.2: rules outside of a
#   group are ignored; 2.3.1.5: what can be parsed is used).
# Seen: "Disallow before User-agent", no rules at all: who takes the error for "no robots.txt" reads what was refused.
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

func main() {
	group := "User-agent: *\nDisallow: /intern/\n"
	alone, err := robotstxt.FromString(group)
	if err != nil || alone.TestAgent("/intern/a", "Newsbot") {
		fmt.Println("the group alone is read otherwise now:", err)
		os.Exit(1)
	}
	_, err = robotstxt.FromString("Disallow: /tmp/\n\n" + group)
	fmt.Printf("with a rule before it: %v\n", err)
	if err == nil {
		fmt.Println("such a rule is passed over now")
		os.Exit(1)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/temoto/robotstxt@v1.1.2 2>/dev/null
go list -m github.com/temoto/robotstxt
go run .
