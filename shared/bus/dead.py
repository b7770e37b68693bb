"""Dead letters for people: list, show, retry, discard.

A letter is open until a later record of the same topic resolves it; nothing else keeps state, so it works alike on
every bus. A letter's id is `<topic>@<offset>`: the topic it died on, the offset on that topic's dead letters.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.bus import DEAD, TOPICS, Bus, Record
from shared.bus.letters import REDRIVEN, own_headers, redriven_message, resolution_message
from shared.errors import NotFound

PAGE: Final = 200
RETRIED: Final = "retried"
DISCARDED: Final = "discarded"


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter and what became of it.

    `state` is open, retried or discarded; `why` is the reason a person gave. `died_at` is when it became a letter.
    `again` is true when it had been retried before and died once more.
    """

    id: str
    topic: str
    stage: str
    reason: str
    error: str
    attempts: int
    origin: str
    died_at: datetime
    again: bool
    state: str
    why: str
    record: Record


def list_letters(bus: Bus, topics: Sequence[str] = TOPICS, *, resolved: bool = False) -> Sequence[Letter]:
    """The open letters of these topics, per topic the oldest first; with `resolved` the others too."""
    found = [letter for topic in topics for letter in _letters(bus, topic)]
    return tuple(letter for letter in found if resolved or letter.state == "open")


def letter(bus: Bus, id_: str) -> Letter:
    """One letter, open or not. Raises NotFound."""
    topic = id_.rpartition("@")[0]
    for found in _letters(bus, topic):
        if found.id == id_:
            return found
    raise NotFound(f"there is no dead letter {id_!r}. `vigie dead list` shows all.")


def open_count(bus: Bus, topic: str) -> int:
    """How many letters of the topic wait for a person."""
    return len(list_letters(bus, [topic]))


def retry(bus: Bus, id_: str, now: datetime) -> bool:
    """Publish the record once more on the topic it died on. False when the letter is resolved already.

    A crash in between lets the letter stay open; a second retry then doubles the record, which changes nothing.
    """
    found = letter(bus, id_)
    if found.state != "open":
        return False
    bus.publish(found.topic, [redriven_message(found.record, now)])
    bus.publish(found.topic + DEAD, [resolution_message(found.record, RETRIED, "", now)])
    return True


def discard(bus: Bus, id_: str, why: str, now: datetime) -> bool:
    """Give the record up, for a reason. False when the letter is resolved already."""
    found = letter(bus, id_)
    if found.state != "open":
        return False
    bus.publish(found.topic + DEAD, [resolution_message(found.record, DISCARDED, why, now)])
    return True


def _letters(bus: Bus, topic: str) -> Sequence[Letter]:
    records = tuple(_records(bus, topic + DEAD))
    resolutions = {
        int(ours["resolves"]): ours for record in records if "resolves" in (ours := own_headers(record))
    }
    return tuple(
        _letter(topic, record, resolutions.get(record.offset, {}))
        for record in records
        if "resolves" not in own_headers(record)
    )


def _records(bus: Bus, topic: str) -> Iterator[Record]:
    after = -1
    while page := bus.read(topic, after, PAGE):
        yield from page
        after = page[-1].offset


def _letter(topic: str, record: Record, resolution: Mapping[str, str]) -> Letter:
    ours = own_headers(record)
    return Letter(
        id=f"{topic}@{record.offset}",
        topic=topic,
        stage=ours.get("stage", ""),
        reason=ours.get("reason", ""),
        error=ours.get("error", ""),
        attempts=int(ours.get("attempts", "1")),
        origin=f"{ours.get('topic', topic)}/{ours.get('partition', '0')}/{ours.get('offset', '?')}",
        died_at=record.at,
        again=REDRIVEN in record.message.headers,
        state=resolution.get("how", "open"),
        why=resolution.get("why", ""),
        record=record,
    )
