#!/usr/bin/env bash
# trafilatura 2.3.1: the first paragraph of an article is lost where its element is called teaser.
#
# Expected: an article's text from its first paragraph on, whatever names a publisher's style sheet gives to classes;
#           HTML gives them no meaning, and schema.org says here that the element is the article's description.
# Seen:     the element is taken away with all it says, inside of <article> too; called lead it stays. With
#           favor_recall=True it stays, and so do teasers of other articles beside it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install 'trafilatura==2.3.1' 'lxml_html_clean==0.4.6'
"$work/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from trafilatura import extract

LEAD = "Der Stadtrat hat am Freitag beschlossen, die alte Brücke über den Fluss im kommenden Jahr zu erneuern."
TEXT = "<p>Die Arbeiten beginnen nach Auskunft des Bauamts im Mai und dauern etwa neun Monate.</p>" * 3


def text(name):
    lead = f'<div class="{name}" itemprop="description"><p>{LEAD}</p></div>'
    article = f'<article itemscope itemtype="https://schema.org/NewsArticle"><h1>Brücke</h1>{lead}{TEXT}</article>'
    return extract(f"<!doctype html><html lang='de'><title>Brücke</title><body><main>{article}</main></body></html>")


print("trafilatura", version("trafilatura"))
found = {name: LEAD in text(name) for name in ("lead", "teaser-text")}
for name, kept in found.items():
    print(f"class={name!r}: the first paragraph is", "kept" if kept else "lost")
assert found == {"lead": True, "teaser-text": False}, "trafilatura has changed: both are kept, or lost"
PYTHON
