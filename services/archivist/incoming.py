"""Pure. A classified item on its way into the archive, with what can be worked out of its words beforehand.

Reading words takes longer than writing them down, and who writes holds a lock that everybody waits for. So
`prepare` does the reading early, where it will be needed; what it did not foresee is worked out when asked for.
"""

from dataclasses import dataclass, field
from functools import cached_property

from services.archivist.stories import Piece, keys
from shared.archive.words import Words, words_of_item
from shared.bus import Record
from shared.events import decode
from shared.items import ClassifiedItem, CollectedItem, Purpose
from shared.meaning.kept import Vectors


@dataclass
class Incoming:
    """One event of a batch. Not slotted: what is computed from it is kept."""

    record: Record
    classified: ClassifiedItem
    purpose: Purpose
    _words: dict[str, Words] = field(default_factory=dict)

    @property
    def item(self) -> CollectedItem:
        return self.classified.item

    @cached_property
    def piece(self) -> Piece:
        verdict = self.classified.verdict
        return Piece.of(self.item, verdict.language, verdict.organisations)

    @cached_property
    def keys(self) -> frozenset[int]:
        return keys(self.piece)

    @cached_property
    def vectors(self) -> Vectors | None:
        """What it says, where the encoder could be used."""
        meaning = self.classified.meaning
        return None if meaning is None else Vectors.of(meaning)

    def words(self, language: str) -> Words:
        """What the index keeps of the item, read as `language`."""
        if language not in self._words:
            self._words[language] = words_of_item(self.item, language)
        return self._words[language]

    def prepare(self) -> None:
        """Work out what an item needs whose words the archive does not have yet."""
        self.words(self.classified.verdict.language)
        self.keys  # noqa: B018 - kept once it was asked for


def incoming(record: Record) -> Incoming:
    """Raises Unprocessable for an event that cannot be read."""
    classified, purpose = decode(record, ClassifiedItem)
    return Incoming(record, classified, purpose)
