"""What the start of `vigie run` waits for, and what it says meanwhile."""

from threading import Event

import pytest

from services.cli.waiting import Waiting
from shared.errors import BusUnavailable, ConfigError


def after(failures: list[Exception], then: str = "made") -> str:
    """Raises the failures one by one, then answers."""
    if failures:
        raise failures.pop(0)
    return then


class Impatient(Event):
    """Waits for nothing."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


def test_the_cause_is_said_once_and_the_work_goes_on_when_it_ends(capsys: pytest.CaptureFixture[str]) -> None:
    waiting = Waiting(Impatient())
    failures: list[Exception] = [BusUnavailable("no broker. Check VIGIE_BUS_URL.") for _ in range(5)]
    assert waiting.until(lambda: after(failures)) == "made"
    assert waiting.trouble is None
    assert capsys.readouterr().err.count("Check VIGIE_BUS_URL.") == 1


def test_meanwhile_the_cause_can_be_asked_for() -> None:
    waiting = Waiting(Impatient())
    assert not waiting.tried(lambda: after([BusUnavailable("no broker")]))
    assert waiting.trouble == "no broker"


def test_a_stop_ends_the_waiting() -> None:
    stopping = Impatient()
    stopping.set()
    assert Waiting(stopping).until(lambda: after([BusUnavailable("no broker")] * 9)) is None


def test_a_wrong_setting_is_not_waited_for() -> None:
    with pytest.raises(ConfigError):
        Waiting(Impatient()).until(lambda: after([ConfigError("VIGIE_BUS_URL names no broker")]))
