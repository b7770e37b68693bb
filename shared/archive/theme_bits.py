"""Pure. The themes of an item as one number, a bit for each: to count by them, nothing need be looked up.

The numbers stand in archives, so `ORDER` only grows, at its end. An item with a theme that is not there has none.
"""

from collections.abc import Iterable
from typing import Final

ORDER: Final = (
    "energy",
    "health",
    "industry40",
    "mobility",
    "climate",
    "security",
    "skills",
    "startups",
    "compute",
    "regulation",
    "research",
    "ai",
)
BITS: Final = {theme: 1 << at for at, theme in enumerate(ORDER)}


def bits(themes: Iterable[str]) -> int | None:
    """The number of these themes, None where one of them has no bit."""
    found = {BITS.get(theme) for theme in themes}
    return None if None in found else sum(bit for bit in found if bit)
