"""Pure. Values of ours as plain JSON."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from shared.clock import rfc3339


def plain(value: Any) -> Any:
    """JSON's own types: times as RFC 3339."""
    match value:
        case datetime():
            return rfc3339(value)
        case dict():
            return {name: plain(each) for name, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
        case _:
            return value


def plain_json(value: Any) -> str:
    """A dataclass as text for people who look into it."""
    return json.dumps(plain(asdict(value)), indent=2, ensure_ascii=False)
