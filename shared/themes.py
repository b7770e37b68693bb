"""The themes: ids, names in three languages, definitions, and the matching IPTC and EuroVoc concepts.

The classifier tags with them, the portal shows them, the query grammar knows their names; hence here and not in
the classifier.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme of the taxonomy. `names` and `definitions` are by language; concepts may be empty."""

    id: str
    names: Mapping[str, str]
    definitions: Mapping[str, str]
    iptc: str
    eurovoc: str


@cache
def themes() -> Mapping[str, Theme]:
    """Theme id -> theme, in the order of the file."""
    content = tomllib.loads((files("shared") / "themes.toml").read_text("utf-8"))
    return {id_: _theme(id_, fields) for id_, fields in content.items()}


def _theme(id_: str, fields: Mapping[str, Any]) -> Theme:
    return Theme(id_, fields["name"], fields["definition"], fields.get("iptc", ""), fields.get("eurovoc", ""))
