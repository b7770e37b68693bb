"""Pure. How a log is recognised: by a name that it got when it was made, and by how far it has come.

A log that was deleted and made anew has another name; one that was put back from an older copy has the same name,
and has come less far than it had before. Either way records are gone that somebody counts on.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """A topic's log: `id` is empty where a broker knows none, `end` counts the records that it ever took."""

    id: str
    end: int


Marks = Mapping[str, Mark]  # by topic


def renewed(before: Marks, now: Marks) -> tuple[str, ...]:
    """The topics whose log is not the one that it was, or lost its end."""
    return tuple(topic for topic, mark in now.items() if topic in before and _another(before[topic], mark))


def written(marks: Marks) -> str:
    """As a memo keeps them."""
    return json.dumps({topic: [mark.id, mark.end] for topic, mark in marks.items()})


def read(text: str) -> Marks:
    """What `written` wrote."""
    return {topic: Mark(str(id_), int(end)) for topic, (id_, end) in json.loads(text).items()}


def _another(before: Mark, now: Mark) -> bool:
    if before.id and now.id:
        return before.id != now.id or now.end < before.end
    return now.end < before.end
