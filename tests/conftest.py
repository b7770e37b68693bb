"""The environment of every test: none of the operator's settings, no model hub."""

import os

import pytest

from tests.real import _template, clock, database_url, kafka_url, postgres_url, store

__all__ = ["_template", "clock", "database_url", "kafka_url", "postgres_url", "store"]


@pytest.fixture(autouse=True)
def _no_settings_of_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("VIGIE_") and not name.startswith("VIGIE_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
