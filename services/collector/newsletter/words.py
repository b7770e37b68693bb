"""Pure. What newsletters say of themselves, from words.toml."""

import re
import tomllib
from importlib.resources import files
from typing import Final

from services.collector.blocks.titles import says_nothing

LONGEST: Final = 90  # letters of words on a link, or of a heading, that may be about the newsletter
_WORDS: Final = tomllib.loads((files("services.collector.newsletter") / "words.toml").read_text("utf-8"))


def _any(name: str, form: str) -> re.Pattern[str]:
    return re.compile(form % "|".join(_WORDS[name]), re.IGNORECASE)


_MENTIONS: Final = _any("mentions", r"\b(?:%s)\b")
_SAYS: Final = _any("says", r"\W*(?:%s)\W*")
_MORE: Final = _any("more", r"\W*(?:%s)\W*")
SEGMENT: Final = _any("segments", "(?:%s)")
GREETING: Final = _any("greetings", r"\W*(?:%s)\b.{0,100}")
FOOTER: Final = _any("footers", r"\W*(?:%s)")
FORWARDED: Final = _any("forwarded", r"\W*(?:%s)\W*")
FIELD: Final = _any("fields", r"\W*(?:%s)\s?:\s.*")
CONFIRMING: Final = _any("confirming", "(?:%s)")
ASKS: Final = _any("asks", r"\b(?:%s)")
CONFIRMS: Final = _any("confirms", "(?:%s)")


def is_more(said: str) -> bool:
    """Whether the words on a link lead on, and are no title."""
    return says_nothing(said) or bool(_MORE.fullmatch(said))


def is_business(said: str) -> bool:
    """Whether words on a link, or of a heading, are about the newsletter itself."""
    return 0 < len(said) <= LONGEST and bool(_MENTIONS.search(said) or _SAYS.fullmatch(said))
