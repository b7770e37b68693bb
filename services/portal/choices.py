"""Pure. What a reader chose with links and check boxes, as one query of the grammar.

The words of a reader and the boxes are kept apart in the address, and joined here: all of the words, and any of
the ticked values of each kind.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from services.portal.links import Parameters
from shared.archive.tallies import BANDS
from shared.query.expansion import expanded
from shared.query.syntax import parse
from shared.query.tree import Or

Kind = Literal["themes", "languages", "countries", "sources", "organisations", "bands", "months"]
Flag = Literal["franco_german", "sovereign"]

# how a kind is called in the address, in its order there
NAMES: Final[Mapping[Kind, str]] = {
    "themes": "theme",
    "languages": "in",
    "countries": "country",
    "sources": "source",
    "organisations": "org",
    "bands": "band",
    "months": "month",
}
FLAGS: Final[Mapping[Flag, str]] = {"franco_german": "bilateral", "sovereign": "sovereign"}
_FIELDS: Final[Mapping[Kind, str]] = {
    "themes": "theme",
    "languages": "lang",
    "countries": "country",
    "sources": "source",
    "organisations": "org",
    "months": "date",
}


@dataclass(frozen=True, slots=True)
class Choices:
    """A reader's words and filters. Empty means: everything. A band is named by its lower bound."""

    q: str = ""
    themes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    franco_german: bool = False
    sovereign: bool = False
    sources: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    months: tuple[str, ...] = ()

    def query(self) -> str:
        """All of it as one query, written as it was understood.

        Raises QueryError for the reader's words, with a position in them. The words are parsed alone, so that a
        quote that they leave open does not swallow the filters.
        """
        words = parse(self.q)
        said = f"({words.echo()})" if isinstance(words.node, Or) and self.filtered else words.echo()
        return parse(" ".join(part for part in (said, *self._filters()) if part)).echo()

    def asked(self) -> str:
        """What a search for it asks: also the names of its things in other languages. Raises QueryError."""
        return expanded(self.query())

    @property
    def filtered(self) -> bool:
        return any(self._filters())

    @property
    def everything(self) -> bool:
        """Whether nothing was said or ticked."""
        return not self.q.strip() and not self.filtered

    def parameters(self) -> Parameters:
        """The choices as they stand in an address."""
        chosen = [(name, value) for kind, name in NAMES.items() for value in self.of(kind)]
        flags = [(name, "1" if self.on(flag) else "") for flag, name in FLAGS.items()]
        return (("q", self.q), *chosen, *flags)

    def of(self, kind: Kind) -> tuple[str, ...]:
        """What was chosen of a kind."""
        chosen: tuple[str, ...] = getattr(self, kind)
        return chosen

    def on(self, flag: Flag) -> bool:
        return bool(getattr(self, flag))

    def toggled(self, kind: Kind, value: str) -> "Choices":
        """The choices with the value where it was missing, and without it where it was there."""
        chosen = self.of(kind)
        return self._with(kind, tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value))

    def switched(self, flag: Flag) -> "Choices":
        """The choices with the flag the other way round."""
        return self._with(flag, not self.on(flag))

    def without(self, kind: Kind) -> "Choices":
        """The choices with none of a kind."""
        return self._with(kind, ())

    def _with(self, name: str, value: object) -> "Choices":
        return replace(self, **{name: value})  # type: ignore[arg-type]

    def _filters(self) -> tuple[str, ...]:
        return (
            *(_any(f"{field}:{_quoted(value)}" for value in self.of(kind)) for kind, field in _FIELDS.items()),
            _any(map(_band, self.bands)),
            "is:franco-german" if self.franco_german else "",
            "sovereignty:>0.6" if self.sovereign else "",
        )


def _band(lowest: str) -> str:
    above = [bound for bound in BANDS if bound > float(lowest)]
    return f"(sovereignty:>={lowest}{f' sovereignty:<{above[0]}' if above else ''})"


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value


def _any(terms: Iterable[str]) -> str:
    some = tuple(terms)
    return some[0] if len(some) == 1 else f"({' OR '.join(some)})" if some else ""
