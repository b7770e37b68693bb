"""How far the archive is indexed by the present analyser: a memo says it."""

from typing import Final
from weakref import WeakSet

from sqlalchemy import Engine
from sqlmodel import Session

from shared.store import memos
from shared.text.analyse import VERSION

MEMO: Final = "index"  # the version of the analyser; while items wait, then the number under which they do

_through: Final[WeakSet[Engine]] = WeakSet()


def noted(session: Session) -> str:
    """What the memo says; nothing where nobody has looked yet."""
    memo = memos.read(session, MEMO)
    return memo.text if memo else ""


def is_through(session: Session) -> bool:
    """Whether every item has its place, and an entry in the index that the present analyser made.

    Once it is so it stays so, and the database is not asked again.
    """
    engine = session.get_bind().engine
    if engine not in _through and noted(session) == str(VERSION):
        _through.add(engine)
    return engine in _through
