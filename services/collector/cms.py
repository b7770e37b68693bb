"""Pure. What software makes a site, by the marks that it leaves in pages, and where that software keeps its feeds.

The addresses are those of each software's documentation; which of them answers, only asking tells.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urljoin, urlsplit

from lxml import html

UNKNOWN: Final = ""
# `{page}` is the page's own path with a slash at its end, `{lang}` its first part where that is a language
_FEEDS: Final[Mapping[str, Sequence[str]]] = {
    "WordPress": ("{page}feed/", "/{lang}feed/", "/feed/"),
    "TYPO3": ("?type=9818", "{page}feed.xml", "/{lang}feed.xml", "/{lang}rss.xml", "?type=100"),
    "Drupal": ("{page}feed", "{page}rss.xml", "/{lang}rss.xml", "/rss.xml"),
    "SPIP": ("/spip.php?page=backend{rubric}", "/spip.php?page=backend"),
    "Plone": ("{page}rss.xml", "{page}RSS", "{page}atom.xml"),
    "Government Site Builder": (),  # its feeds carry names and numbers that only the page about them gives
    "Hugo": ("{page}index.xml", "/{lang}index.xml"),
    "Joomla": ("?format=feed&type=rss",),
    "Ghost": ("/rss/",),
    UNKNOWN: ("{page}feed/", "/rss.xml", "/feed.xml"),
}
_GENERATORS: Final = (
    ("wordpress", "WordPress"),
    ("typo3", "TYPO3"),
    ("drupal", "Drupal"),
    ("spip", "SPIP"),
    ("plone", "Plone"),
    ("volto", "Plone"),
    ("government site builder", "Government Site Builder"),
    ("hugo", "Hugo"),
    ("joomla", "Joomla"),
    ("ghost", "Ghost"),
)
_MARKS: Final = (
    (re.compile(r"/wp-(content|includes|json)/"), "WordPress"),
    (re.compile(r"/typo3(temp|conf)/|/fileadmin/|\btx_news|\btx-news|/_assets/[0-9a-f]{32}/"), "TYPO3"),
    (re.compile(r"/sites/(default|[\w.-]+)/files/|data-drupal-|/core/misc/drupal"), "Drupal"),
    (re.compile(r"spip\.php\?|/squelettes|/plugins-dist/|\bspip_(out|in|documents)"), "SPIP"),
    (re.compile(r"\+\+(plone|resource|theme|api)\+\+|\bportal-(column|searchbox|breadcrumbs)|/@@"), "Plone"),
    (re.compile(r"/SiteGlobals/|__blob=|\bGSB\b"), "Government Site Builder"),
)
_LANGUAGE: Final = re.compile(r"/([a-z]{2})/")
_RUBRIC: Final = re.compile(r"(?:rubrique|id_rubrique=)(\d+)")


def cms_of(root: html.HtmlElement, text: str) -> str:
    """The software's name, empty where nothing tells it."""
    for meta in root.iter("meta"):
        if (meta.get("name") or "").lower() == "generator":
            said = (meta.get("content") or "").lower()
            if found := next((name for word, name in _GENERATORS if word in said), ""):
                return found
    return next((name for mark, name in _MARKS if mark.search(text)), UNKNOWN)


def likely_feeds(root: html.HtmlElement, text: str, url: str) -> tuple[str, ...]:
    """Where the page's software would have a feed of it, else one of the site."""
    path = urlsplit(url).path
    rubric = _RUBRIC.search(url)
    values = {
        "page": f"{path.rstrip('/')}/",
        "lang": f"{found[1]}/" if (found := _LANGUAGE.match(path)) else "",
        "rubric": f"&id_rubrique={rubric[1]}" if rubric else "",
    }
    addresses = (urljoin(url, pattern.format(**values)) for pattern in _FEEDS[cms_of(root, text)])
    return tuple(dict.fromkeys(addresses))
