"""Pure. The reader's language: from the path, else from what the browser says it accepts."""

from enum import StrEnum
from typing import Final


class Language(StrEnum):
    """A language that the portal speaks, as it stands in the path."""

    DE = "de"
    FR = "fr"
    EN = "en"


FALLBACK: Final = Language.EN
NAMES: Final = {Language.DE: "Deutsch", Language.FR: "Français", Language.EN: "English"}


def of_path(path: str) -> Language | None:
    """The language that `path` begins with, or None."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return Language(first) if first in list(Language) else None


def preferred(accept: str) -> Language:
    """The language of ours with the highest weight in an Accept-Language header (RFC 9110, 12.5.4)."""
    wishes = [_wish(part) for part in accept.split(",")[:20]]
    ours = [(weight, Language(name)) for name, weight in wishes if name in list(Language) and weight > 0]
    return max(ours, key=lambda wish: wish[0])[1] if ours else FALLBACK


def _wish(part: str) -> tuple[str, float]:
    tag, _, parameter = part.strip().partition(";")
    name = tag.strip().lower().partition("-")[0]
    weight = parameter.strip().removeprefix("q=")
    try:
        return name, float(weight) if parameter else 1.0
    except ValueError:
        return name, 0.0
