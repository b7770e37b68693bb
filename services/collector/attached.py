"""Pure. The PDF that belongs to an entry: an enclosure, or a link in its text."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from services.collector.entries import link

_LINKS: Final = re.compile(
    r"href\s*=\s*[\"']?([^\"'\s<>]{1,2000}\.pdf(?:[?#][^\"'\s<>]{0,500})?)[\"'\s>]", re.IGNORECASE
)
# what a link beside the page of an entry leads to when it is no page
_FILE: Final = re.compile(
    r"\.(?:pdf|zip|docx?|xlsx?|pptx?|od[tsp]|epub|csv|json|xml|jpe?g|png|gif|svg|webp|mp[34]|m4[av]|og[gv]|webm|wav)$",
    re.IGNORECASE,
)


def is_file(address: str) -> bool:
    """Whether an address names a document, picture or recording rather than a page."""
    return bool(_FILE.search(address.split("?")[0].split("#")[0].strip()))


def pdf_of(enclosures: Iterable[tuple[str, str]], markup: Iterable[str], base: str) -> str | None:
    """The address of the PDF, from the enclosures (address and media type), else from links in the markup."""
    for address, media_type in enclosures:
        is_pdf = media_type.strip().lower().startswith("application/pdf")
        if not (is_pdf or _may_name_pdf(address)):
            continue  # most enclosures are pictures
        url = link(address, base)
        if url and (is_pdf or _names_pdf(url)):
            return url
    for written in markup:
        if ".pdf" in written.lower() and (found := _LINKS.search(written)):
            return link(found[1], base)
    return None


def _may_name_pdf(address: str) -> bool:
    return "pdf" in address.lower() or "%" in address


def _names_pdf(url: str) -> bool:
    return urlsplit(url).path.lower().endswith(".pdf")
