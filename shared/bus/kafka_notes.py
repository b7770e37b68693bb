"""Pure. What a reader notes beside a committed offset, as the text that Kafka keeps with it (at most 4 kB).

`end` and `attempts`: records up to `end` were in hand, and how often; `one` and `one_attempts`: a record of them
that was tried alone. `asked` is the offset of the last rewind request that this partition has followed. `topic` is
the id of the topic that the offset belongs to: of one that was deleted and made again it says nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True, slots=True)
class Note:
    """A note beside the committed offset of one partition."""

    asked: int = -1
    end: int | None = None
    attempts: int = 0
    one: int | None = None
    one_attempts: int = 0
    topic: str = ""

    def text(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value is not None})

    def suspects(self, offset: int) -> Mapping[int, int]:
        """Offset -> attempts, of what was in hand from the committed `offset` on."""
        batch = dict.fromkeys(range(offset, self.end), self.attempts or 1) if self.end else {}
        return batch if self.one is None or self.one < offset else batch | {self.one: self.one_attempts or 1}

    def fits(self, topic: str) -> bool:
        """Whether the offset beside this note is one of the topic with this id, as far as anybody can tell."""
        return not self.topic or not topic or self.topic == topic

    def cleared(self) -> "Note":
        """Nothing is in hand."""
        return Note(self.asked, topic=self.topic)

    def begun(self, end: int, attempts: int) -> "Note":
        return replace(self.cleared(), end=end, attempts=attempts)

    def begun_alone(self, one: int, attempts: int) -> "Note":
        return replace(self, one=one, one_attempts=attempts)

    def done(self, offset: int) -> "Note":
        """After a commit of `offset`: what lies before it is no longer in hand."""
        kept = self if self.end is not None and self.end > offset else self.cleared()
        return replace(kept, one=None, one_attempts=0) if kept.one is not None and kept.one < offset else kept


def read_note(text: str | None) -> Note:
    """The note, or an empty one for a text that is not ours."""
    try:
        fields = json.loads(text or "{}")
        topic = str(fields.pop("topic", ""))
        known = {name: int(value) for name, value in fields.items() if name in Note.__dataclass_fields__}
        return Note(**known, topic=topic)
    except (ValueError, TypeError, AttributeError):
        return Note()
