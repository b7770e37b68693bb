"""A look for due sources, on both stores: what it finds, and that it reads no others."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, update

from shared.sources.catalogue import source_config
from shared.sources.claims import any_due, claim_due, due_sources
from shared.sources.store import add_source
from shared.sources.tables import SourceRow
from shared.store import Store
from tests.fakes import FakeClock

HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def add(session: Session, id_: str, now: datetime, **values: Any) -> None:
    block = {"id": id_, "kind": "feed", "url": f"https://{id_}.example.org/feed.xml"}
    add_source(session, source_config(block, "test"), now)
    session.execute(update(SourceRow).where(SourceRow.id == id_).values(**{"last_fetch": now} | values))  # type: ignore[arg-type]


def test_a_look_finds_what_a_claim_finds_the_longest_due_first(store: Store, clock: FakeClock) -> None:
    now = clock.now()
    with store.writing() as session:
        add(session, "later", now, next_due=now + HOUR)
        add(session, "due", now, next_due=now - HOUR)
        add(session, "longer", now, next_due=now - 2 * HOUR)
        add(session, "paused", now, next_due=now - HOUR, paused=True)
        add(session, "off", now, next_due=now - HOUR, enabled=False)
        add(session, "held", now, next_due=now - HOUR, claimed_until=now + timedelta(minutes=5))
        add(session, "ahead", now, next_due=now + 9 * HOUR, last_fetch=now + 8 * HOUR)
        add(session, "never", now, next_due=now + 9 * HOUR, last_fetch=None)
    with store.writing() as session:
        found = [one.id for one in due_sources(session, now, 10)]
        assert found == ["longer", "due", "ahead", "never"]
        assert [one.id for one in due_sources(session, now, 2)] == found[:2]
        assert {claim.source for claim in claim_due(session, now, owner="x", limit=10)} == set(found)


CASES: tuple[dict[str, Any], ...] = (
    {"next_due": timedelta(0)},
    {"next_due": HOUR},
    {"next_due": -HOUR, "paused": True},
    {"next_due": -HOUR, "enabled": False},
    {"next_due": -HOUR, "claimed_until": timedelta(minutes=5)},
    {"next_due": -HOUR, "claimed_until": -timedelta(minutes=5)},
    {"next_due": -HOUR, "claimed_until": 9 * HOUR},
    {"next_due": 9 * HOUR, "last_fetch": 8 * HOUR},
    {"next_due": 9 * HOUR, "last_fetch": None},
    {"next_due": None, "last_fetch": None},
)


def test_whether_any_is_due_is_told_as_the_look_finds_it(store: Store, clock: FakeClock) -> None:
    now, told = clock.now(), []
    for case in CASES:
        values = {name: now + value if isinstance(value, timedelta) else value for name, value in case.items()}
        with store.writing() as session:
            add(session, "one", now, **values)
            assert any_due(session, now) == bool(due_sources(session, now, 5)), case
            told.append(any_due(session, now))
            session.delete(session.get_one(SourceRow, "one"))
    assert told == [True, False, False, False, False, True, True, True, True, False]


def test_a_look_reads_ranges_of_indexes_however_many_sources_there_are(store: Store, clock: FakeClock) -> None:
    if not store.sqlite:
        pytest.skip("a server plans by its statistics, which a fresh table has none of")
    asked: list[tuple[str, Any]] = []
    with store.reading() as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda _c, _u, sql, args, *_: asked.append((sql, args)))
        due_sources(session, clock.now(), 5)
        any_due(session, clock.now())
        plans = [_plan(session, sql, args) for sql, args in tuple(asked)]
    *looks, whether = plans
    assert len(looks) == 3
    for plan in (*looks, *([step] for step in whether if "sources" in step)):
        assert "SEARCH sources USING" in plan[0], plan
        assert "enabled=? AND" in plan[0], plan


def _plan(session: Session, sql: str, args: Any) -> Sequence[str]:
    return [row[3] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", args)]
