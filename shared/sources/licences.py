"""Pure. What a source's terms allow, read from what the catalogue says of its licence."""

from enum import StrEnum
from typing import Final

_OPEN: Final = ("cc ", "cc0", "licence ouverte", "dl-de", "open government")
_RESERVED: Final = ("personal", "private", "non-commercial", "limited")


class Terms(StrEnum):
    """The class of a licence."""

    OPEN = "open"  # asks for no more than the name
    USUAL = "usual"  # says nothing, or nothing special
    RESERVED = "reserved"  # keeps other uses for the publisher


def terms_of(licence: str) -> Terms:
    """The class of a licence, as the catalogue words it."""
    said = licence.casefold()
    if any(word in said for word in _RESERVED) or "-nc" in said:
        return Terms.RESERVED
    return Terms.OPEN if said.startswith(_OPEN) else Terms.USUAL
