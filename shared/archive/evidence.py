"""Pure. Why two items were held to tell the same event, as it is kept and shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class How(StrEnum):
    """What brought an item to a story, or took it out."""

    EXACT = "exact"  # the same release, word for word or nearly
    MEANING = "meaning"  # in other words, by the nearness of what they say
    PAIR = "pair"  # in other words, by what a reader of both would go by
    MERGED = "merged"  # a person says that they are one
    SPLIT = "split"  # a person took it out


@dataclass(frozen=True, slots=True)
class Evidence:
    """`title` and `text` are cosines where meaning was asked; `names` and `figures` what both name."""

    how: How
    title: float | None = None
    text: float | None = None
    names: tuple[str, ...] = ()
    figures: tuple[float, ...] = ()
    reasons: tuple[str, ...] = ()

    def plain(self) -> Mapping[str, Any]:
        """As a column keeps it; what is empty is left out."""
        said = {
            "title": None if self.title is None else round(self.title, 3),
            "text": None if self.text is None else round(self.text, 3),
            "names": list(self.names),
            "figures": list(self.figures),
            "reasons": list(self.reasons),
        }
        return {name: value for name, value in said.items() if value not in (None, [])}

    @classmethod
    def read(cls, how: str, plain: Mapping[str, Any]) -> Self:
        return cls(
            How(how),
            plain.get("title"),
            plain.get("text"),
            tuple(plain.get("names", ())),
            tuple(plain.get("figures", ())),
            tuple(plain.get("reasons", ())),
        )
