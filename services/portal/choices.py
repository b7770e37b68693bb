"""Pure. What a reader chose with links and check boxes, as one query of the grammar.

The words of a reader and the boxes are kept apart in the address, and joined here: all of the words, and any of
the ticked values of each kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from services.portal.links import Parameters
from shared.query.syntax import parse
from shared.query.tree import Or

Kind = Literal["themes", "languages", "countries", "franco_german", "sovereign"]


@dataclass(frozen=True, slots=True)
class Choices:
    """A reader's words and filters. Empty means: everything."""

    q: str = ""
    themes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    franco_german: bool = False
    sovereign: bool = False

    def query(self) -> str:
        """All of it as one query, written as it was understood.

        Raises QueryError for the reader's words, with a position in them. The words are parsed alone, so that a
        quote that they leave open does not swallow the filters.
        """
        words = parse(self.q)
        said = f"({words.echo()})" if isinstance(words.node, Or) and self.filtered else words.echo()
        return " ".join(part for part in (said, *self._filters()) if part)

    @property
    def filtered(self) -> bool:
        return any(self._filters())

    def parameters(self) -> Parameters:
        """The choices as they stand in an address."""
        return (
            ("q", self.q),
            *(("theme", value) for value in self.themes),
            *(("in", value) for value in self.languages),
            *(("country", value) for value in self.countries),
            ("bilateral", "1" if self.franco_german else ""),
            ("sovereign", "1" if self.sovereign else ""),
        )

    def has(self, kind: Kind, value: str = "") -> bool:
        """Whether the filter is on."""
        match kind:
            case "themes":
                return value in self.themes
            case "languages":
                return value in self.languages
            case "countries":
                return value in self.countries
            case "franco_german":
                return self.franco_german
            case "sovereign":
                return self.sovereign

    def toggled(self, kind: Kind, value: str = "") -> "Choices":
        """The choices with the filter on where it was off, and off where it was on."""
        match kind:
            case "themes":
                return replace(self, themes=_toggled(self.themes, value))
            case "languages":
                return replace(self, languages=_toggled(self.languages, value))
            case "countries":
                return replace(self, countries=_toggled(self.countries, value))
            case "franco_german":
                return replace(self, franco_german=not self.franco_german)
            case "sovereign":
                return replace(self, sovereign=not self.sovereign)

    def _filters(self) -> tuple[str, ...]:
        return (
            _any("theme", self.themes),
            _any("lang", self.languages),
            _any("country", self.countries),
            "is:franco-german" if self.franco_german else "",
            "sovereignty:>0.6" if self.sovereign else "",
        )


def _any(field: str, values: Sequence[str]) -> str:
    terms = [f"{field}:{value}" for value in values]
    return terms[0] if len(terms) == 1 else f"({' OR '.join(terms)})" if terms else ""


def _toggled(chosen: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value)
