"""Pure. Names that are the same body or place in three languages: the gazetteer's bodies, and countries and towns.

What is compared is who is meant, not how it is written: BMFTR and Federal Ministry of Research are one.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from shared.text.fold import loose_word, tokens
from shared.text.organisations import load_gazetteer

BODY: Final = "body"
PLACE: Final = "place"


class Named(NamedTuple):
    """A name in a text: where it stands, who or what is meant, and whether that is a body or a place."""

    start: int
    end: int
    kind: str
    key: str


def named(text: str) -> list[Named]:
    """Every one, bodies first."""
    bodies = [Named(m.start, m.end, BODY, m.organisation.id) for m in load_gazetteer().mentions(text)]
    known = _places()
    words = [token for token in tokens(text) if token.surface[:1].isupper()]
    found = (Named(word.start, word.end, PLACE, known.get(loose_word(word.surface), "")) for word in words)
    places = [place for place in found if place.key and not _within(place, bodies)]
    return [*bodies, *places]


def _within(place: Named, bodies: list[Named]) -> bool:
    return any(body.start <= place.start and place.end <= body.end for body in bodies)


@cache
def _places() -> Mapping[str, str]:
    """Folded form -> place."""
    entries = tomllib.loads((files("shared.comparison") / "places.toml").read_text("utf-8"))
    return {loose_word(form): key for key, forms in entries.items() for form in (key, *forms.split())}
