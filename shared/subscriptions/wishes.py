"""Pure. What somebody asks for when subscribing, checked and normalised before anything is stored."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from shared.errors import BadInput
from shared.items import LANGUAGES
from shared.query.syntax import parse
from shared.query.wrong import wrong
from shared.subscriptions.addresses import normalise
from shared.subscriptions.options import USUAL, Options, checked_options
from shared.subscriptions.words import Every

LONGEST_QUERY: Final = 1000
# what mail programs make a link of; a name like example.org alone may be looked for, and mails write it apart
_ADDRESS: Final = re.compile(
    r"://|\bwww\d*[.\u3002]|[^\s\"()]@[^\s\"()]|\w[.\u3002][^\W\d_][\w-]+[.\u3002]?(?::\d|[/\\?#])|(?:\d+\.){3}\d+[:/]",
    re.IGNORECASE,
)
_HARMLESS: Final = frozenset({"sign"})  # what a search puts right; anything else a subscriber must see first


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for, checked and normalised."""

    address: str
    query: str
    every: Every
    language: str
    options: Options = USUAL


def checked(address: str, query: str, every: str, language: str, options: Options = USUAL) -> Wish:
    """Raises BadAddress, QueryError or BadInput with the reason."""
    if every not in set(Every):
        raise BadInput(f"a subscription writes {', '.join(Every)}, not {every!r}")
    if language not in LANGUAGES:
        raise BadInput(f"mails are written in {', '.join(LANGUAGES)}, not {language!r}")
    return Wish(normalise(address), checked_query(query), Every(every), language, checked_options(options))


def checked_query(query: str) -> str:
    """The query with its white space evened out. Raises QueryError with the position."""
    query = " ".join(query.replace("\0", " ").split())  # PostgreSQL keeps no zero byte
    if len(query) > LONGEST_QUERY:
        raise wrong("too_long", LONGEST_QUERY, most=LONGEST_QUERY)
    if found := _ADDRESS.search(unicodedata.normalize("NFKC", query)):
        # whoever gets the confirmation mail did not write the query: it must not lead anywhere
        raise wrong("address", found.start())
    understood = parse(query)
    unfinished = [
        place
        for repair, place in zip(understood.repairs, understood.places, strict=True)
        if repair not in _HARMLESS
    ]
    if unfinished:
        raise wrong("unfinished", min(unfinished), echo=understood.echo() or "…")
    return query
