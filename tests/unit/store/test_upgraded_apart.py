"""A worker makes a new database itself; another process brings an old one up to date: it never has Alembic."""

import subprocess
import sys
from pathlib import Path

from shared.store import Store
from shared.store.migrate import build, upgrade, upgraded_apart
from shared.store.schema import check, revisions

WORKER = """
import sys
from shared.store import Store
from shared.store.migrate import upgrade, upgraded_apart
from shared.store.schema import check
for url, old in zip(sys.argv[1:], (False, True)):
    store = Store(url)
    with upgraded_apart(store) as due:
        assert due == old
    upgrade(url)
    check(store)
sys.exit("alembic" in sys.modules)
"""


def test_new_or_old_a_database_gets_its_schema_and_alembic_is_not_loaded(tmp_path: Path) -> None:
    """What runs for months shall not carry what changes a schema."""
    new, old = (f"sqlite:///{tmp_path / name}.db" for name in ("new", "old"))
    store = Store(old)
    with store.writing() as session:
        build(session.connection(), revisions()[-2])
    store.close()
    subprocess.run((sys.executable, "-W", "error", "-c", WORKER, new, old), check=True)


def test_one_that_is_up_to_date_is_left_alone(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'vigie.db'}")
    upgrade(store.url)
    with upgraded_apart(store) as due:
        assert not due
    check(store)
    store.close()
