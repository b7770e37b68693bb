"""Pure. A mail to the entries that it holds.

An entry's name is made of the mail's Message-ID and of the part's link, else its title: the same mail in another
folder, or read by a later version, brings nothing new. They are hashed: dispatchers write readers into either. An
entry whose link does not show where it leads has no address. It is dated like the mail: a day in its text may be
that of an event.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from services.collector.blocks.tree import Tree, parsed
from services.collector.entries import LONGEST_RAW, ParsedEntry, ParsedFeed, one_line, plain_line, primary_subtag
from services.collector.newsletter.articles import Article, articles
from services.collector.newsletter.lines import Line, lines_of
from services.collector.newsletter.links import Leads, Links
from services.collector.newsletter.mail import Mail
from services.collector.newsletter.people import Cut
from services.collector.newsletter.plain import articles_of_text, lines_of_text, urls_of
from services.collector.newsletter.words import ASKS, CONFIRMING, CONFIRMS, is_business
from shared.errors import NotAFeed
from shared.text.html import plain_text

FORMAT: Final = "newsletter"
LONG: Final = 2000  # letters of a text from which on its beginning is the summary
SUMMARY: Final = 600
TOP: Final = 8  # lines in which the title may stand once more
KICKER: Final = 80  # letters of a line above it that says nothing by itself
_HREF: Final = re.compile(r"\shref\s*=\s*[\"']?([^\"'\s>]{1,2000})", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"<html[^<>]{0,500}\slang\s*=\s*[\"']?([A-Za-z-]{2,20})", re.IGNORECASE)


def read_newsletter(mail: Mail, own: Sequence[str] = (), received: datetime | None = None) -> ParsedFeed:
    """The entries of a mail. `own` are domains of its publisher besides the sender's; `received`, when it came."""
    whole = mail.attached[0] if mail.attached and not _says_much(mail) else mail
    entries = _entries(whole, mail, own)
    language = whole.language or _declared(whole.html)
    when = whole.sent or received
    written = f"{when:%Y-%m-%dT%H:%M:%SZ}"[:LONGEST_RAW] if when else None
    name = sha256(whole.id.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    dated = [
        ParsedEntry(
            guid=f"{name}#{part}",
            url=article.url,
            title=plain_line(article.title),
            summary=_summary(article.text),
            text=article.text if len(article.text) > LONG else "",
            published=when,
            published_raw=written,
            language=language,
        )
        for part, article in entries
    ]
    return ParsedFeed(FORMAT, tuple(dated), language=language, title=one_line(mail.subject))


def asks_to_confirm(mail: Mail, feed: ParsedFeed) -> bool:
    """Whether a mail is about the subscription: by its subject, or it is short, holds no items, and says so."""
    if CONFIRMS.search(mail.subject) or is_business(mail.subject):
        return True
    said = mail.text or plain_text(mail.html)
    if len(feed.entries) > 1 or len(said) > LONG:
        return False
    hrefs = (*_HREF.findall(mail.html), *urls_of(mail.text))
    parts = (part for href in hrefs for part in re.split(r"[/?&=.]", href))
    return any(CONFIRMING.fullmatch(part) for part in parts) or bool(ASKS.search(" ".join(said.split())))


def _entries(mail: Mail, outer: Mail, own: Sequence[str]) -> list[tuple[str, Article]]:
    cut = Cut(mail.recipients | outer.recipients)
    domains = {*own, mail.domain, _registered(mail.domain)} - {""}
    found, lines, links = _of_html(mail, cut, domains) if mail.html else _of_text(mail, cut, domains)
    if mail.html and mail.text and not all(article.url for article in found):
        told, *_ = _of_text(mail, cut, domains)
        found = _with_addresses(found, told) if found else told
    if len(found) > 1:
        return [(_part(article), _shown(article, links)) for article in found]
    return [("text", _shown(_single(mail, found, lines, links, cut), links))]


def _shown(article: Article, links: Links) -> Article:
    """The item with words that everybody may read: an address in them may be its reader's own."""
    return replace(article, title=links.cleaned(article.title), text=links.cleaned(article.text))


def _with_addresses(found: Sequence[Article], told: Sequence[Article]) -> list[Article]:
    """Items of the HTML with the addresses that the plain text shows in the open under the same titles."""
    known = {_letters(article.title): article.url for article in told if article.url}
    return [a if a.url else replace(a, url=known.get(_letters(a.title))) for a in found]


def _letters(title: str) -> str:
    return "".join(letter for letter in title.casefold() if letter.isalnum())


def _of_html(mail: Mail, cut: Cut, own: set[str]) -> tuple[list[Article], list[Line], Links]:
    try:
        root = parsed(mail.html)
    except NotAFeed:
        return _of_text(mail, cut, own)
    base = f"https://{mail.domain or 'mail.invalid'}/"
    links = _links([str(each.get("href")) for each in root.iter("a") if each.get("href")], mail, own)
    tree = Tree(root)
    lines = lines_of(tree)
    return articles(tree, lines, links, cut, base), lines, links


def _of_text(mail: Mail, cut: Cut, own: set[str]) -> tuple[list[Article], list[Line], Links]:
    links = _links(urls_of(mail.text), mail, own)
    return articles_of_text(mail.text, links, cut), lines_of_text(mail.text), links


def _links(written: Sequence[str], mail: Mail, own: set[str]) -> Links:
    return Links(written, own=own, recipients=mail.recipients, leave=mail.leave)


def _single(mail: Mail, found: Sequence[Article], lines: Sequence[Line], links: Links, cut: Cut) -> Article:
    """A mail that is one item: all of its text, under its subject or its only heading."""
    kept = cut.text([line.text for line in cut.lines(lines, links)])
    only = found[0] if found else None
    text = _below_title([line for line in kept if line.strip()], only.title if only else mail.subject)
    news = [
        (each.href, link.url)
        for line in lines
        for each in line.anchors
        if (link := links.read(each.href, each.words)) and link.leads is not Leads.AWAY
    ]
    title = only.title if only else mail.subject
    if only and only.href:
        return Article(title or mail.subject, text, only.href, only.url)
    shown = {url for _, url in news if url}
    targets = shown if len(shown) == 1 else {url for url in shown if links.is_own(url)}
    return Article(title, text, news[0][0] if news else "", targets.pop() if len(targets) == 1 else None)


def _declared(markup: str) -> str | None:
    found = _LANGUAGE.search(markup[:5000])
    return primary_subtag(found[1]) if found else None


def _below_title(lines: Sequence[str], title: str) -> str:
    """The text without its title, and without what stands above that: "Pressemitteilung", a number, a date."""
    at = next((at for at, line in enumerate(lines[:TOP]) if line == title), -1)
    above = [line for line in lines[: max(at, 0)] if len(line) > KICKER]
    return "\n".join([*above, *lines[at + 1 :]])


def _says_much(mail: Mail) -> bool:
    """Whether a mail that carries another has news of its own, and not just "FYI"."""
    return len(mail.text or plain_text(mail.html)) > LONG


def _summary(text: str) -> str:
    if len(text) <= LONG:
        return text
    end = text.rfind("\n", SUMMARY // 2, SUMMARY)
    return text[: end if end > 0 else SUMMARY].rstrip()


def _part(article: Article) -> str:
    return sha256((article.href or article.title).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _registered(domain: str) -> str:
    """The last two labels: near enough to tell a publisher's addresses from a dispatcher's."""
    return ".".join(domain.split(".")[-2:])
