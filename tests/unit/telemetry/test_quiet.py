"""What libraries would write into the log at any level: whole mails, with whom they are to."""

import logging
from collections.abc import Iterator

import pytest

from shared.telemetry.logs import configure_logging


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


@pytest.mark.parametrize("name", ["imapclient.imaplib", "dkimpy", "httpx"])
def test_no_library_writes_what_it_speaks_with_others(name: str) -> None:
    configure_logging("debug", "text")
    assert not logging.getLogger(name).isEnabledFor(logging.DEBUG)
    assert logging.getLogger("services.collector").isEnabledFor(logging.DEBUG)
