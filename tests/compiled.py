"""Statements are compiled once for each kind of database in a process of the run, not once for each store.

A program compiles a statement the first time it runs it, and a test that opens a store of its own would do so with
all of them: a third of what such tests work. The text depends on the kind of database alone.
"""

from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import Mapper
from sqlmodel.main import default_registry

Key = tuple[Any, ...]  # the dialect, then the statement and how it is used: SQLAlchemy's option `compiled_cache`


class Compiled(dict[Key, Any]):
    """What SQLAlchemy keeps for one engine, found again by all of its kind."""

    def get(self, key: Key, default: Any = None) -> Any:
        return super().get(_of_its_kind(key), default)

    def __setitem__(self, key: Key, statement: Any) -> None:
        super().__setitem__(_of_its_kind(key), statement)


_COMPILED: Final = Compiled()


def compile_once() -> None:
    """For every connection of this process from now on."""
    event.listen(Engine, "engine_connect", _share)
    event.listen(Mapper, "after_configured", _share_rows)


def _share(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_COMPILED)


def _share_rows() -> None:
    """What a session writes is compiled in a place of its own, one for each kind of row."""
    for mapper in default_registry.mappers:
        if not isinstance(mapper._compiled_cache, Compiled):
            mapper._compiled_cache = Compiled()


def _of_its_kind(key: Key) -> Key:
    dialect, *rest = key
    assert isinstance(dialect, Dialect)
    return (dialect.name, *rest)
