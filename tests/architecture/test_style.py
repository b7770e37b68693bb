"""Files and functions stay small, and every module says what it is for."""

import ast
from pathlib import Path
from typing import Final

from tests.architecture.rules import ROOT, modules

LONGEST_FILE: Final = 400  # lines
LONGEST_FUNCTION: Final = 40  # lines, docstring included
# function -> why it is longer
ARGUED: Final[dict[str, str]] = {}


def test_no_file_is_longer_than_it_may_be() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in _sources()}
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > LONGEST_FILE} == {}


def test_no_function_is_longer_than_it_may_be_unless_argued() -> None:
    long = {name: lines for name, lines in _functions().items() if lines > LONGEST_FUNCTION}
    assert {name: lines for name, lines in long.items() if name not in ARGUED} == {}
    assert sorted(set(ARGUED) - set(long)) == [], "these are short now: take them off the list"


def test_every_module_says_what_it_is_for() -> None:
    spoken = [module for module in modules(ROOT) if module.tree.body and not module.path.endswith("__main__.py")]
    silent = [module.path for module in spoken if not ast.get_docstring(module.tree)]
    assert silent == []


MIGRATIONS: Final = "migrations/versions/"  # a schema written out is a list, not logic


def _sources() -> list[Path]:
    every = [path for name in ("shared", "services", "tests", "docs") for path in (ROOT / name).rglob("*.py")]
    return [path for path in every if MIGRATIONS not in path.as_posix()]


def _functions() -> dict[str, int]:
    """`path:name` -> lines, of every function of the product."""
    return {
        f"{module.path}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for module in modules(ROOT)
        if MIGRATIONS not in module.path
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
