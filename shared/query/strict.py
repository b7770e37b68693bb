"""Pure. A query of a program, which reads no echo: what a search page would put right is an error here.

Programs build queries. One that lost a part on the way must not find something else.
"""

from shared.query.syntax import Query, parse
from shared.query.wrong import wrong


def parse_strictly(text: str) -> Query:
    """The query that `text` means. Raises QueryError, with the place, for whatever is unfinished.

    Signs between words are no fault (`KI & Energie`).
    """
    query = parse(text)
    unfinished = [(place, what) for what, place in zip(query.repairs, query.places, strict=True) if what != "sign"]
    if unfinished:
        place, what = min(unfinished)
        raise wrong(what, place)
    return query
