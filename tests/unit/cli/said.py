"""What a command of a test says."""

import json
from collections.abc import Callable
from typing import Any

Said = tuple[int, str, str]  # exit code, standard output, standard error
Vigie = Callable[..., Said]


def reply(said: Said) -> Any:
    """What it printed as JSON."""
    return json.loads(said[1])
