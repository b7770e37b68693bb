"""The pypdf door: a press release that is a PDF to its words. Runs in a process of its own (see `child`)."""

import io
import logging
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from services.collector.fulltext.reserved import directive, reservation
from shared.errors import NotAFeed

if TYPE_CHECKING:
    from pypdf import PdfReader

MOST_PAGES: Final = 60
ENOUGH: Final = 250_000  # characters after which no further page is read
LEAST_LETTERS: Final = 40  # fewer, and there are only pictures
FROM_PAGES: Final = 3  # so many pages show what stands on each of them
_HYPHEN: Final = re.compile(r"(?<=[a-zäöüßàâçéèêëîïôûùœ])[-\u00ad\u2010]\n(?=[a-zäöüßàâçéèêëîïôûùœ])")
_NUMBER: Final = re.compile(r"\d+")


def words_of_pdf(body: bytes, robots_tag: str, tdm_header: str) -> str:
    """The words of a PDF. Raises NotAFeed, saying why, where it has none that can be read."""
    import pypdf
    from pypdf.errors import DependencyError, PdfReadError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # half of all PDFs give it cause to warn
    if said := reservation(tdm_header, pdf=body) or directive(robots_tag):
        raise NotAFeed(f"the PDF is not read: {said}")
    try:
        document = pypdf.PdfReader(io.BytesIO(body))
        if document.is_encrypted and not document.decrypt(""):
            raise NotAFeed("the PDF opens with a password only")
        pages = _pages(document)
    except DependencyError as error:
        raise NotAFeed("the PDF is encrypted in a way that cannot be read") from error
    except (PyPdfError, PdfReadError) as error:
        raise NotAFeed(f"the PDF is broken: {str(error)[:100]}") from error
    text = _joined(pages)
    if sum(map(str.isalpha, text)) < LEAST_LETTERS:
        raise NotAFeed("the PDF holds no text: its pages are pictures, as of a scan")
    return text


def _pages(document: "PdfReader") -> Sequence[Sequence[str]]:
    """The lines of each page."""
    pages: list[list[str]] = []
    length = 0
    for page in document.pages:
        written = page.extract_text()
        pages.append([" ".join(line.split()) for line in written.splitlines() if line.strip()])
        length += len(written)
        if len(pages) >= MOST_PAGES or length >= ENOUGH:
            break
    return pages


def _joined(pages: Sequence[Sequence[str]]) -> str:
    """One text: without what stands at the head or foot of every page, words that were divided made whole."""
    edges = Counter(_NUMBER.sub("#", line) for page in pages for line in {*page[:2], *page[-2:]})
    every = {line for line, times in edges.items() if len(pages) >= FROM_PAGES and times > len(pages) / 2}
    first, *others = pages or [()]
    kept = [*first, *(line for page in others for line in page if _NUMBER.sub("#", line) not in every)]
    return _HYPHEN.sub("", "\n".join(kept)).strip()
