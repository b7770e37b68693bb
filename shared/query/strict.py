"""Pure. A query of a program, which reads no echo: what a search page would put right is an error here.

Programs build queries. One that lost its value on the way (`theme:`) must not find everything.
"""

from shared.query.syntax import Query, parse
from shared.query.tree import Everything
from shared.query.wrong import wrong


def parse_strictly(text: str) -> Query:
    """The query that `text` means. Raises QueryError, with the place, for whatever is unfinished.

    Signs between words are no fault (`KI & Energie`); signs alone are.
    """
    query = parse(text)
    unfinished = [(place, what) for what, place in zip(query.repairs, query.places, strict=True) if what != "sign"]
    if unfinished:
        place, what = min(unfinished)
        raise wrong(what, place)
    if isinstance(query.node, Everything) and text.strip():
        raise wrong("sign", len(text) - len(text.lstrip()))
    return query
