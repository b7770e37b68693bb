"""Pure. The news in a mail without HTML: an address belongs to the paragraph that it ends."""

import re
from collections.abc import Sequence
from typing import Final

from services.collector.newsletter.articles import LONGEST_TITLE, Article
from services.collector.newsletter.lines import Anchor, Line
from services.collector.newsletter.links import Leads, Links
from services.collector.newsletter.people import Cut
from services.collector.newsletter.words import is_business, is_more

URL: Final = re.compile(r"https?://[^\s<>\"]{3,2000}[^\s<>\".,;:!?)\]]", re.IGNORECASE)
_RULE: Final = re.compile(r"\s*([-=_*#~+.•·—–]\s*){4,}")
_REFERENCE: Final = re.compile(r"^\s*\[(\d{1,3})\]\s*:?\s*(https?://\S+)\s*$", re.MULTILINE | re.IGNORECASE)
_NUMBER: Final = re.compile(r"^\s*(\(?\d{1,2}[.)]\s+|\[\d{1,3}\]\s+|[*•·>+-]\s+)")
_LABEL: Final = re.compile(r"\w{1,20}( \w{1,20}){0,3}:?", re.IGNORECASE)
WRAPPED: Final = 50  # letters of a line that may go on in the next one
_EDGES: Final = " \t:<>()[]|-–→»*"
_SENTENCE: Final = re.compile(r"[.:;,]\s*$")


def articles_of_text(text: str, links: Links, cut: Cut) -> list[Article]:
    """The items of a mail in plain text; none where it is not made of several."""
    text = _with_references(_without_quotes(text))
    found: dict[str, Article] = {}
    block: list[str] = []
    for line in [*cut.text(text.split("\n")), ""]:
        if len(line) < 500 and _RULE.fullmatch(line):
            block = block[-1:] if _is_alone(block) else []  # a rule below a single line makes it a title
            continue
        for url in URL.findall(line):
            link = links.read(url, _words_before(line, url) or _last(block))
            if link and link.leads is not Leads.AWAY and (article := _article(block, line, url, link.url)):
                found.setdefault(link.url or url, article)
            block = []
            line = ""
        if line or block:
            block.append(line)
    return list(found.values()) if len(found) > 1 else []


def _is_alone(block: Sequence[str]) -> bool:
    """Whether the last line is a paragraph of its own."""
    return bool(block) and bool(block[-1].strip()) and (len(block) < 2 or not block[-2].strip())


def urls_of(text: str) -> list[str]:
    """The addresses of a text."""
    return URL.findall(text)


def lines_of_text(text: str) -> list[Line]:
    """The lines of a text, as those of an HTML mail."""
    return [
        Line(
            line.strip(),
            0,
            tuple(Anchor(url, line) for url in URL.findall(line)),
            whole=bool(URL.fullmatch(line.strip())),
        )
        for line in _without_quotes(text).split("\n")
    ]


def _article(block: Sequence[str], line: str, url: str, target: str | None) -> Article | None:
    label = line.replace(url, "").strip()
    lines = [*block, "" if _LABEL.fullmatch(_bare(label)) or label.endswith(":") else label]
    at = _title_at(lines)
    if at is None:
        return None
    rest = [each.strip() for each in lines[at + 1 :] if _says(each) and not _LABEL.fullmatch(_bare(each))]
    title = lines[at].strip()
    if rest and len(title) >= WRAPPED and not _SENTENCE.search(title) and rest[0][:1].islower():
        title = f"{title} {rest.pop(0)}"
    title = _NUMBER.sub("", title).strip(" *_#=")
    if is_more(title) or len(title) > LONGEST_TITLE:
        return None
    return Article(title, "\n".join(rest), url, target)


def _title_at(lines: Sequence[str]) -> int | None:
    """Where the title stands: the last line with a bullet or a number, else the first that is no sentence."""
    said = [at for at, line in enumerate(lines) if _says(line)]
    marked = [at for at in said if _NUMBER.match(lines[at]) and not _SENTENCE.search(lines[at])]
    first = [at for at in said if not (at and lines[at - 1].strip()) and not _SENTENCE.search(lines[at])]
    return next(iter(marked[-1:] or first[:1] or said[:1]), None)


def _says(line: str) -> bool:
    words = _bare(line)
    return bool(words) and not is_more(words) and not is_business(words)


def _bare(line: str) -> str:
    return line.strip(_EDGES)


def _last(block: Sequence[str]) -> str:
    return next((line.strip() for line in reversed(block) if line.strip()), "")


def _words_before(line: str, url: str) -> str:
    return _bare(line.partition(url)[0])


def _with_references(text: str) -> str:
    """Addresses that stand at the end under a number, put behind the words that name it."""
    references = {f"[{number}]": url for number, url in _REFERENCE.findall(text)}
    if not references:
        return text
    body = _REFERENCE.sub("", text)
    return re.sub(
        r"\[\d{1,3}\]", lambda found: f"\n{references[found[0]]}\n" if found[0] in references else found[0], body
    )


def _without_quotes(text: str) -> str:
    """A forwarded mail may be quoted whole."""
    lines = text.split("\n")
    quoted = sum(line.startswith(">") for line in lines)
    if quoted <= 0.5 * sum(bool(line.strip()) for line in lines):
        return text
    return "\n".join(re.sub(r"^(>\s?)+", "", line) for line in lines)
