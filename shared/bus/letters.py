"""Pure. What a dead letter looks like on `<topic>.dead`: the record's own key and value, the rest in headers.

A person's decision about a letter is a further record of the same topic that names the letter's offset; so the
topic alone tells what is open, on every bus.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from shared.bus import DeadLetter, Message, Record

PREFIX: Final = "vigie-dead-"
REDRIVEN: Final = "vigie-redriven"
REASON_LENGTH: Final = 500  # characters; a header is no place for a document


def letter_message(letter: DeadLetter, stage: str) -> Message:
    """The dead letter as it is published: the record's own headers stay, ours come on top."""
    record = letter.record
    ours = {
        "reason": letter.reason[:REASON_LENGTH],
        "error": letter.error,
        "stage": stage,
        "attempts": str(letter.attempts),
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "at": record.at.isoformat(),
    }
    headers = {**record.message.headers, **{PREFIX + name: value for name, value in ours.items()}}
    return Message(record.message.key, record.message.value, headers)


def resolution_message(letter: Record, how: str, why: str, now: datetime) -> Message:
    """A person's decision about the letter: `how` is retried or discarded."""
    headers = {"resolves": str(letter.offset), "how": how, "why": why[:REASON_LENGTH], "decided": now.isoformat()}
    return Message(letter.message.key, b"{}", {PREFIX + name: value for name, value in headers.items()})


def redriven_message(letter: Record, now: datetime) -> Message:
    """The original record, to be published once more, with a mark that it was."""
    kept = {n: v for n, v in letter.message.headers.items() if not n.startswith(PREFIX)}
    return Message(letter.message.key, letter.message.value, {**kept, REDRIVEN: now.isoformat()})


def own_headers(record: Record) -> Mapping[str, str]:
    """What we wrote on the letter, without the prefix."""
    headers = record.message.headers
    return {name.removeprefix(PREFIX): value for name, value in headers.items() if name.startswith(PREFIX)}
