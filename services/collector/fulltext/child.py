"""Reads one document of somebody else's in a process of its own, which may end in any way without harm to others.

`python -m services.collector.fulltext.child` gets on standard input a line of JSON that says what it is, then the
document, and prints a line of JSON: its words, or why it has none.
"""

import json
import sys
from typing import Any, Final

MEMORY: Final = 1_000_000_000  # bytes of address space
PROCESSOR: Final = 20  # seconds


def main() -> int:
    """The exit code is of no importance: who asked reads what is printed."""
    _bounded()
    asked = json.loads(sys.stdin.buffer.readline())
    body = sys.stdin.buffer.read()
    try:
        answer = _read(asked, body)
    except MemoryError:
        answer = {"why": "the document needs too much memory"}
    except RecursionError:
        answer = {"why": "the document is nested too deeply"}
    sys.stdout.write(json.dumps(answer))
    return 0


def _bounded() -> None:
    """Keep memory and processor time within bounds, where the system knows how."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, PROCESSOR)):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):  # macOS knows the name and refuses the limit
            continue


def _read(asked: dict[str, Any], body: bytes) -> dict[str, Any]:
    from services.collector.fulltext.extract import words_of_page
    from services.collector.fulltext.pdf import words_of_pdf
    from shared.errors import NotAFeed

    said = str(asked["robots_tag"]), str(asked["tdm_header"])
    try:
        if asked["pdf"]:
            return {"text": words_of_pdf(body, *said), "pdfs": []}
        text, pdfs = words_of_page(body, asked["url"], asked["content_type"], *said)
    except NotAFeed as error:
        return {"why": str(error)}
    return {"text": text, "pdfs": list(pdfs)}


if __name__ == "__main__":
    sys.exit(main())
