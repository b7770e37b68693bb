"""A worker lets another process bring its database up to date, so that Alembic is not kept in memory."""

import subprocess
import sys
from pathlib import Path

from shared.store import Store
from shared.store.migrate import upgrade, upgraded_apart
from shared.store.schema import check

WORKER = """
import sys
from shared.store import Store
from shared.store.migrate import upgraded_apart
from shared.store.schema import check
store = Store(sys.argv[1])
with upgraded_apart(store) as due:
    assert due
check(store)
print(*(name for name in sys.modules if name == "alembic"))
"""


def test_a_new_database_is_made_and_alembic_never_loaded(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'vigie.db'}"
    done = subprocess.run((sys.executable, "-c", WORKER, url), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_one_that_is_up_to_date_is_left_alone(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'vigie.db'}")
    upgrade(store.url)
    with upgraded_apart(store) as due:
        assert not due
    check(store)
    store.close()
