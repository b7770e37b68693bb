"""Pure. A query of a program, which reads no echo: what a search page would put right is an error here.

Programs build queries. One that lost its value on the way (`theme:`) must not find everything.
"""

from typing import Final

from shared.errors import QueryError
from shared.query.syntax import Query, parse
from shared.query.tree import Everything

_SAYS: Final = {
    "quote": "this quote is not closed",
    "bracket": "this bracket has no other",
    "operator": "this operator has nothing on one of its sides",
    "field": "this field has no value",
    "sign": "here is no word, only signs",
}


def parse_strictly(text: str) -> Query:
    """The query that `text` means. Raises QueryError, with the place, for whatever is unfinished.

    Signs between words are no fault (`KI & Energie`); signs alone are.
    """
    query = parse(text)
    wrong = [(place, what) for what, place in zip(query.repairs, query.places, strict=True) if what != "sign"]
    if wrong:
        place, what = min(wrong)
        raise QueryError(_SAYS[what], place)
    if isinstance(query.node, Everything) and text.strip():
        raise QueryError(_SAYS["sign"], len(text) - len(text.lstrip()))
    return query
