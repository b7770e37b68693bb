"""Pure. OPML 2.0, the list of feeds that readers exchange; our own attributes stand in a namespace."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from lxml import etree

from services.collector.encoding import decode
from services.collector.entries import primary_subtag
from services.collector.mend import mend
from shared.errors import BadInput, ConfigError
from shared.shown_url import without_secrets
from shared.sources.catalogue import Kind, SourceConfig, source_config

NAMESPACE: Final = "https://vigie.example.org/opml"
MAX_BYTES: Final = 5_000_000
_FEED_SCHEME: Final = re.compile(
    r"feed:(//|(?=https?:))", re.IGNORECASE
)  # as browsers once handed feeds to readers
_OURS: Final = ("id", "country", "organisation", "interval", "note", "licence", "robots_override", "off_reason")


def read_opml(body: bytes, taken: Iterable[str] = ()) -> Iterator[SourceConfig | str]:
    """A source for every outline with an `xmlUrl`, or the sentence why it is none. Raises BadInput.

    Ids that the file does not give are made of the address, and are none of those `taken`.
    """
    ids = set(taken)
    markup = mend(decode(body))
    if markup.root != "opml":
        raise BadInput(f"this is <{markup.root}>, not OPML")
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(markup.text.encode("utf-8", "replace"), parser)
    for outline in root.iter("outline") if root is not None else ():
        if url := _FEED_SCHEME.sub(_web_scheme, _attribute(outline, "xmlurl")):
            try:
                config = _source(outline, url, ids)
            except ConfigError as error:
                yield str(error)
            else:
                ids.add(config.id)
                yield config


def write_opml(sources: Iterable[SourceConfig]) -> str:
    """The document for these sources."""
    root = etree.Element("opml", version="2.0", nsmap={"vigie": NAMESPACE})
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "Vigie"
    body = etree.SubElement(root, "body")
    for source in sources:
        if source.kind is not Kind.FEED:
            continue
        outline = etree.SubElement(body, "outline", type="rss", text=source.name, title=source.name)
        outline.set("xmlUrl", source.url)
        if source.homepage:
            outline.set("htmlUrl", source.homepage)
        if source.languages:
            outline.set("language", ",".join(source.languages))
        for name in _OURS:
            if value := getattr(source, name):
                outline.set(f"{{{NAMESPACE}}}{name}", str(value))
        if not source.enabled:
            outline.set(f"{{{NAMESPACE}}}enabled", "false")
    written: bytes = etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="utf-8")
    return written.decode()


def id_for(url: str, taken: Iterable[str] = ()) -> str:
    """An id made of the address: `https://www.example.org/presse/feed.xml` -> `example-org-presse`."""
    try:
        parts = urlsplit(url)
    except ValueError:  # no address; who reads the block says so
        parts = urlsplit("")
    path = re.sub(r"\.(xml|rss|atom|json|rdf|php)$", "", parts.path.lower())
    words = re.findall(r"[a-z0-9]+", f"{(parts.hostname or '').removeprefix('www.')}/{path}")
    telling = [word for word in words if word not in ("feed", "feeds", "rss", "atom", "index")] or ["source"]
    base = "-".join(telling)[:56].strip("-")
    known = set(taken)
    return next(
        name for number in range(1, 10_000) if (name := base if number == 1 else f"{base}-{number}") not in known
    )


def _attribute(outline: etree._Element, name: str) -> str:
    """The attribute, however its writer spelt it: `xmlUrl`, `xmlurl`, `XMLURL`."""
    return next((str(value).strip() for key, value in outline.items() if str(key).lower() == name), "")


def _web_scheme(found: re.Match[str]) -> str:
    return "http://" if found[1] else ""


def _languages(written: str) -> tuple[str, ...]:
    """`de-DE, fr_FR` is German and French, each once."""
    codes = (primary_subtag(tag) for tag in re.split(r"[,;\s]+", written))
    return tuple(dict.fromkeys(code for code in codes if code and len(code) == 2))


def _source(outline: etree._Element, url: str, taken: Collection[str]) -> SourceConfig:
    ours = {name: value for name in _OURS if (value := outline.get(f"{{{NAMESPACE}}}{name}"))}
    interval = ours.pop("interval", "")
    block = {"id": id_for(url, taken), "kind": "feed", "url": url, **ours}
    commented = _attribute(outline, "iscomment").lower() == "true"
    off = outline.get(f"{{{NAMESPACE}}}enabled", "true").lower() in ("false", "0", "no")
    name = _attribute(outline, "title") or _attribute(outline, "text")
    config = source_config(block, f"the outline {name or without_secrets(url)!r}")
    return replace(
        config,
        name=name or config.id,
        homepage=_attribute(outline, "htmlurl"),
        enabled=not (commented or off),
        off_reason=config.off_reason or ("commented out in the file" if commented else ""),
        languages=_languages(_attribute(outline, "language")),
        interval=int(interval) if interval.isdecimal() and int(interval) else None,
    )
