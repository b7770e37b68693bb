"""Pure. The elements and attributes of the feeds that `plain` reads, and what it must leave to feedparser."""

import re
from collections.abc import Mapping
from typing import Final


class NotPlain(Exception):
    """The document has something that only feedparser knows how to read."""


ATOM: Final = "http://www.w3.org/2005/Atom"
RSS1: Final = "http://purl.org/rss/1.0/"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
LANG: Final = "http://www.w3.org/xml/1998/namespace lang"  # attributes are read in lower case
PREFIXES: Final[Mapping[str, str]] = {
    ATOM: "atom",
    RDF: "rdf",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://search.yahoo.com/mrss/": "media",
    "http://wellformedweb.org/commentAPI/": "wfw",
    "com-wordpress:feed-additions:1": "wordpress",
}
USUAL: Final = frozenset(PREFIXES.values()) - {"atom", "wordpress"}  # feedparser knows these by names of its own
HTML: Final = ("text/html", "application/xhtml+xml")
TYPES: Final = {"text": "text/plain", "plain": "text/plain", "html": "text/html"} | {
    name: name for name in ("text/plain", "text/html")
}

FOREIGN: Final = "an element of another vocabulary"
# vocabularies and prefixes beside ours of which feedparser makes something
KNOWN: Final = re.compile(
    "userland|harvard|web.resource.org|netscape|example.com/|purl.org|creativecommons|webns.net|georss|opengis|wgs84|itunes|podcast"
    "|mrss|podlove|w3.org/1999|w3.org/2000|w3.org/1998|newformat|uri/of/echo"
)
TELLING: Final = frozenset(
    "dc dcterms content slash sy feedburner media wfw rdf cc creativecommons admin geo georss gml itunes prism psc"
    " xhtml xml title summary published updated".split()
) | {""}
# what is passed over, in a feed and in an entry: nothing that we read depends on it
IN_FEED: Final = frozenset(
    "description copyright managingeditor webmaster pubdate lastbuilddate generator docs cloud category subtitle"
    " updated rights icon logo sy:updatebase dc:date dc:creator dc:publisher dc:rights dc:subject dc:source"
    " dc:identifier dc:type dc:format".split()
) | {FOREIGN}
IN_ENTRY: Final = frozenset(
    "comments rights slash:comments wfw:commentrss media:content media:thumbnail media:credit"
    " wordpress:post-id dc:publisher dc:identifier dc:type dc:format dc:source dc:rights".split()
) | {FOREIGN}
# what is passed over, in a feed and in an entry: nothing that we read depends on it
IMAGE: Final = frozenset("title link description url width height".split())
PERSON: Final = frozenset(("name", "email", "uri"))
KEYS: Final = {
    "pubdate": "published",
    "published": "published",
    "updated": "updated",
    "dc:date": "updated",
    "dc:language": "language",
    "feedburner:origlink": "feedburner_origlink",
}
FEED_KEYS: Final = {
    "title": "title",
    "language": "language",
    "dc:language": "language",
    "ttl": "ttl",
    "sy:updateperiod": "sy_updateperiod",
    "sy:updatefrequency": "sy_updatefrequency",
}
LINK: Final = frozenset(("rel", "type", "href", "hreflang", "title", "length"))
SPOKEN: Final = frozenset(("base", "lang", LANG, LANG.replace(" lang", " base")))
TYPED: Final = ("type",)
