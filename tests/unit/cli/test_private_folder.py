"""The data folder holds addresses of subscribers: it is its owner's alone; the doctor names one that is not."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from services.cli.doctor import CHECKS
from services.notifier.sink import FileSink
from shared.bus.sqlite import SqliteBus
from shared.config import Settings
from shared.errors import ConfigError
from shared.name_locks import hold_names
from shared.store import Store
from tests.unit.notifier.letters import a_letter, composed


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    "first",
    [
        lambda data: Store(f"sqlite:///{data / 'vigie.db'}").close(),
        lambda data: SqliteBus(data / "bus.db").close(),
        lambda data: hold_names(data / "locks", ["here"]),
        lambda data: FileSink(data / "mail").send(composed(a_letter())),
    ],
    ids=["store", "bus", "locks", "mails"],
)
def test_whoever_makes_the_data_folder_makes_it_private(first: Callable[[Path], object], tmp_path: Path) -> None:
    data = tmp_path / "above" / "data"
    first(data)
    assert mode(data) == 0o700


def test_a_folder_that_others_may_look_into_stays_and_is_named_by_the_doctor(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    SqliteBus(data / "bus.db").close()
    assert mode(data) == 0o755
    with pytest.raises(ConfigError, match=f"chmod 700 {data}"):
        CHECKS["folder"](Settings(data_dir=data))
    data.chmod(0o700)
    CHECKS["folder"](Settings(data_dir=data))
