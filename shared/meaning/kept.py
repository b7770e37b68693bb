"""Pure. What is kept of a text's meaning. Whoever only hands it on does not load numpy."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Self

from shared.items import Meaning


@dataclass(frozen=True, slots=True)
class Vectors:
    """The meaning of an item: that of its title, and the mean of its sentences (none: it has no words but these).

    Signed bytes; lengths do not count. Those of another `version` do not compare.
    """

    version: str
    title: bytes
    text: bytes = b""

    @classmethod
    def of(cls, meaning: Meaning) -> Self:
        """What an event carries."""
        return cls(meaning.version, b64decode(meaning.title), b64decode(meaning.text))

    def meaning(self) -> Meaning:
        """As an event carries it."""
        return Meaning(
            version=self.version, title=b64encode(self.title).decode(), text=b64encode(self.text).decode()
        )
