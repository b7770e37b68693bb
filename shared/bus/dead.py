"""Dead letters for people: list, show, retry, discard.

A letter is open until a later record of the same topic resolves it; nothing else keeps state, so it works alike on
every bus. A letter's id is `<topic>@<offset>`: the topic it died on, the offset on that topic's dead letters.

A record has one letter. A stage that reads it again (`vigie replay`, a crash before the commit) may let it die
once more: the further records of the dead letters' topic repeat the first; what was decided of one holds for all.
"""

from collections import defaultdict
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

_Origin = tuple[str, str, str, str]  # topic, partition, offset, and when the log took it


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter and what became of it.

    `state` is open, retried or discarded; `why` is the reason a person gave. `died_at` is when it became a letter.
    `again` is true when it had been retried before and died once more. `repeated` are the offsets of its
    repetitions, as they stand in ids.
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
    repeated: tuple[str, ...] = ()


def list_letters(bus: Bus, topics: Sequence[str] = TOPICS, *, resolved: bool = False) -> Sequence[Letter]:
    """The open letters of these topics, per topic the oldest first; with `resolved` the others too."""
    found = [letter for topic in topics for letter in _letters(bus, topic)]
    return tuple(letter for letter in found if resolved or letter.state == "open")


def letter(bus: Bus, id_: str) -> Letter:
    """One letter, open or not, by its own id or by that of a repetition. Raises NotFound."""
    topic, _, offset = id_.rpartition("@")
    for found in _letters(bus, topic):
        if found.id == id_ or offset in found.repeated:
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
    of_record: dict[_Origin, list[Record]] = defaultdict(list)
    resolutions: dict[int, Mapping[str, str]] = {}
    for record in _records(bus, topic + DEAD):
        ours = own_headers(record)
        if "resolves" in ours:
            resolutions[int(ours["resolves"])] = ours
        else:
            of_record[_origin(record, ours)].append(record)
    return tuple(_letter(topic, records, resolutions) for records in of_record.values())


def _origin(letter: Record, ours: Mapping[str, str]) -> _Origin:
    """Which record died. The time tells apart two of one offset, where a topic was deleted and made again."""
    if "offset" not in ours:  # not written by us: nothing is known of where it comes from
        return "", "", str(letter.offset), ""
    return ours.get("topic", ""), ours.get("partition", ""), ours["offset"], ours.get("at", "")


def _records(bus: Bus, topic: str) -> Iterator[Record]:
    after = -1
    while page := bus.read(topic, after, PAGE):
        yield from page
        after = page[-1].offset


def _letter(topic: str, records: Sequence[Record], resolutions: Mapping[int, Mapping[str, str]]) -> Letter:
    """The letter that the first of these records is; the others repeat it."""
    record, *repeated = records
    ours = own_headers(record)
    resolution = next((resolutions[each.offset] for each in records if each.offset in resolutions), {})
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
        repeated=tuple(str(each.offset) for each in repeated),
    )
