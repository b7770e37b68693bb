#!/usr/bin/env bash
# pip 23.2.1: an extra that is asked for with an underscore is left out where it is offered with a hyphen.
#
# Expected: names of extras are compared in their normal form, in which html_clean and html-clean are one (PEP 685).
#           jusText 3.0.2 asks for lxml[html_clean], lxml 6.1.3 offers html-clean: lxml_html_clean comes along.
# Seen:     a warning that lxml does not provide the extra, and an installation that ends well without it; importing
#           trafilatura then raises ImportError. This pip is the one that Python 3.11.7 brings along. pip 25.3 installs it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for version in 23.2.1 25.3; do
    python3 -m venv "$work/$version"
    "$work/$version/bin/python" -m pip --quiet --disable-pip-version-check install "pip==$version"
    "$work/$version/bin/python" -m pip --quiet --disable-pip-version-check \
        install 'trafilatura==2.3.1' 'jusText==3.0.2' 'lxml==6.1.3'
    if "$work/$version/bin/python" -c 'import trafilatura' 2>"$work/said"; then seen=imported; else seen=$(tail -1 "$work/said"); fi
    echo "pip $version: $seen"
    declare "seen_${version//./_}=$seen"
done
[[ $seen_23_2_1 != imported ]] || { echo "pip 23.2.1 has changed: it installs the extra" >&2; exit 1; }
[[ $seen_25_3 == imported ]] || { echo "pip 25.3 leaves it out, too" >&2; exit 1; }
