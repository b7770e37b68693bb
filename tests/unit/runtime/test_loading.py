"""A module is loaded while nobody looks for garbage, and the search goes on afterwards, whatever came of it."""

import gc
import sys
from pathlib import Path

import pytest

from shared.loading import load


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of modules; what a test loads from it is forgotten."""
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("loads_another", "loaded", "breaks"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


def test_garbage_is_not_looked_for_meanwhile(folder: Path) -> None:
    (folder / "loaded.py").write_text("import gc; searched = gc.isenabled()")
    assert not load("loaded").searched
    assert gc.isenabled()


def test_a_module_that_loads_another_is_not_searched_either(folder: Path) -> None:
    (folder / "loaded.py").write_text("")
    again = "import gc; from shared.loading import load; load('loaded'); searched = gc.isenabled()"
    (folder / "loads_another.py").write_text(again)
    assert not load("loads_another").searched
    assert gc.isenabled()


def test_a_module_that_breaks_leaves_the_search_on(folder: Path) -> None:
    (folder / "breaks.py").write_text("1 / 0")
    with pytest.raises(ZeroDivisionError):
        load("breaks")
    assert gc.isenabled()
