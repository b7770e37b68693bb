"""Pure. Records of one kilobyte as the product sends them: a key, a JSON text of drawn words, one header."""

import json
import random
from collections.abc import Sequence
from typing import Final

from shared.bus import Message

SIZE: Final = 1024  # bytes of a value
HEADERS: Final = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
SYLLABLES: Final = [first + then for first in "bdfgklmnprstvz" for then in ("a", "ei", "o", "u", "er", "en")]


def messages(count: int, seed: int = 7) -> Sequence[Message]:
    """`count` of them, each with a key of its own. Drawn words let zstd do about as well as real text does."""
    dice = random.Random(seed)
    words = ["".join(dice.choices(SYLLABLES, k=dice.randint(1, 4))) for _ in range(4000)]
    return [Message(f"{dice.getrandbits(128):032x}", _value(dice, words), HEADERS) for _ in range(count)]


def _value(dice: random.Random, words: Sequence[str]) -> bytes:
    text = " ".join(dice.choices(words, k=SIZE // 5))
    return json.dumps({"text": text}).encode()[: SIZE - 2] + b'"}'
