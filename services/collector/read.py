"""A fetched document to its entries, by the kind of its source."""

from datetime import tzinfo
from threading import Event
from typing import Final

from services.collector.dates import zone_of
from services.collector.entries import ParsedFeed
from services.collector.honest import move
from services.collector.listing import parse_listing
from services.collector.parse import parse_fetched
from shared.errors import BadInput, NotAFeed
from shared.sources.catalogue import Kind, SourceConfig
from shared.web.client import Fetched, WebClient

TICK: Final = 1.1  # seconds after which a clock that writes seconds writes another one


def read_document(source: SourceConfig, fetched: Fetched) -> ParsedFeed:
    """The entries in an answer. Raises NotAFeed, or FetchFailed for what is too large."""
    zone = zone_of(source.country)
    match source.kind:
        case Kind.FEED:
            return parse_fetched(fetched, zone, source.languages)
        case Kind.LISTING if source.listing is not None:
            return parse_listing(fetched, source.listing, zone)
        case _:
            raise NotAFeed(f"{source.id} is a {source.kind}; it cannot be read as a document")


def asked_twice(web: WebClient, url: str, feed: ParsedFeed, zone: tzinfo, pause: float = TICK) -> bool:
    """Whether a second request gets other dates for the same entries: then they are those of the requests."""
    Event().wait(pause)
    try:
        again = parse_fetched(web.get(url), zone)
    except BadInput:
        return False
    return move(feed.entries, again.entries)
