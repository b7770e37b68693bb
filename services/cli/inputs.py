"""What commands are given: files up to a size, a person's yes, and the doors to the web."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from shared.clock import SystemClock
from shared.config import Settings
from shared.errors import BadInput

if TYPE_CHECKING:
    from services.collector.robots import Robots
    from shared.web.client import WebClient


def read_bounded(path: Path, limit: int) -> bytes:
    """A file of at most `limit` bytes. Raises BadInput."""
    try:
        with path.open("rb") as file:
            body = file.read(limit + 1)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    if len(body) > limit:
        raise BadInput(f"{path} is larger than {limit / 1e6:g} MB")
    return body


def agreed(question: str) -> bool:
    """Whether a person says yes; no where nobody is there to be asked."""
    if not sys.stdin.isatty():
        return False
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes", "j", "ja", "o", "oui")


def doors(settings: Settings) -> "tuple[WebClient, Robots]":
    """The client for requests to the web, and the rules of the hosts that it visits."""
    from services.collector.robots import Robots
    from shared.web.client import WebClient

    clock = SystemClock()
    web = WebClient(settings, clock)
    return web, Robots(web, clock)
