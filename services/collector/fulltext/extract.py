"""The trafilatura door: a page to the words of its article. Runs in a process of its own (see `child`)."""

import logging
from typing import Final
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from services.collector.bounds import check_page
from services.collector.encoding import decode
from services.collector.fulltext.reserved import directive, reservation
from shared.errors import NotAFeed

LEAST_LEAD: Final = 60  # letters
MOST_LINKS: Final = 5  # PDFs of one page that are named
_AROUND: Final = frozenset(("nav", "header", "footer", "aside"))


def words_of_page(
    body: bytes, url: str, content_type: str, robots_tag: str, tdm_header: str
) -> tuple[str, tuple[str, ...]]:
    """The article's text, and the PDFs that its page links to. Raises NotAFeed, in words, where it gives none."""
    written = decode(body, content_type)
    page = _parsed(written)
    if said := reservation(tdm_header, page=page) or directive(robots_tag, page):
        raise NotAFeed(f"the page is not read: {said}")
    pdfs = tuple(_pdfs(page, url))
    return _article(page, url), pdfs


def _parsed(written: str) -> html.HtmlElement:
    check_page(written)
    try:
        return html.document_fromstring(written.encode("utf-8", "replace"), html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise NotAFeed("the page is empty") from error


def _article(page: html.HtmlElement, url: str) -> str:
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it logs what it then returns as nothing
    _rename_leads(page)
    found = trafilatura.extract(page, url=url, include_comments=False, include_tables=True)
    return found or ""


def _rename_leads(page: html.HtmlElement) -> None:
    """trafilatura takes away what is called a teaser: of other articles, and the first paragraph of this one."""
    for element in page.iter("p", "div", "section"):
        named = [name for name in ("class", "id") if "teaser" in (element.get(name) or "").lower()]
        if named and _is_lead(element):
            for name in named:
                element.set(name, "lead")


def _is_lead(element: html.HtmlElement) -> bool:
    """Whether it says something of its own: the teaser of another article leads there."""
    linked = element.find(".//a") is not None or any(parent.tag == "a" for parent in element.iterancestors())
    return not linked and len(element.text_content().strip()) >= LEAST_LEAD


def _pdfs(page: html.HtmlElement, url: str) -> list[str]:
    """Links to PDFs, but those of the page's frame."""
    found: dict[str, None] = {}
    for anchor in page.iter("a"):
        try:
            target = urljoin(url, (anchor.get("href") or "").strip())
            is_pdf = urlsplit(target).path.lower().endswith(".pdf")
        except ValueError:
            continue
        if is_pdf and not any(parent.tag in _AROUND for parent in anchor.iterancestors()):
            found.setdefault(target)
    return list(found)[:MOST_LINKS]
