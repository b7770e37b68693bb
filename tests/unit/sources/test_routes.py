"""Ways to read a source: what was applied stands until the catalogue says another; who is read at a glance."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.sources.catalogue import Kind, SourceConfig
from shared.sources.glance import glance
from shared.sources.proposals import accept
from shared.sources.routes import Route
from shared.sources.store import list_sources
from shared.sources.sync import sync_catalogue
from shared.sources.tables import SourceRow
from shared.store import Store
from tests.fakes import FakeClock, a_store

GUESSED = SourceConfig("haus", Kind.FEED, "https://h.example.org/feed/", name="Haus", assumed=True, named=True)
BETTER = Route(Kind.SITEMAP, "https://h.example.org/sitemap.xml", "https://h.example.org/presse/")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(a_store(tmp_path, FakeClock())) as store:
        yield store


def row(store: Store) -> SourceRow:
    with store.reading() as session:
        found = session.get(SourceRow, "haus")
    assert found is not None
    return found


def change(store: Store, **values: object) -> None:
    with store.writing() as session:
        found = session.get(SourceRow, "haus")
        assert found is not None
        for name, value in values.items():
            setattr(found, name, value)
        session.add(found)


def test_an_applied_route_stands_through_starts_until_the_catalogue_names_another(store: Store) -> None:
    sync_catalogue(store, [GUESSED])
    change(store, route=BETTER.stored(GUESSED))
    for _ in range(2):
        sync_catalogue(store, [GUESSED])
        assert (row(store).kind, row(store).url) == ("sitemap", BETTER.url)
        assert row(store).sitemap == {"within": BETTER.within}
    sync_catalogue(store, [replace(GUESSED, url="https://h.example.org/rss.xml")])
    assert (row(store).kind, row(store).url) == ("feed", "https://h.example.org/rss.xml")


def test_an_applied_route_is_due_at_once_and_not_again_at_each_start(store: Store) -> None:
    sync_catalogue(store, [GUESSED])
    later = store.clock.now() + timedelta(days=300)
    change(store, route=BETTER.stored(GUESSED), next_due=later)
    sync_catalogue(store, [GUESSED])
    assert row(store).next_due != later
    change(store, next_due=later)
    sync_catalogue(store, [GUESSED])
    assert row(store).next_due == later


def test_what_somebody_saw_work_is_assumed_no_more(store: Store) -> None:
    sync_catalogue(store, [GUESSED])
    assert row(store).assumed
    change(store, verified=FakeClock().now())
    sync_catalogue(store, [GUESSED])
    assert not row(store).assumed
    sync_catalogue(store, [replace(GUESSED, url="https://h.example.org/rss.xml")])
    assert row(store).assumed


def test_the_block_that_nobody_decided_on_stays_assumed_and_an_accepted_one_does_not(store: Store) -> None:
    page = SourceConfig("haus", Kind.LISTING, "https://h.example.org/news/", name="Haus")
    sync_catalogue(store, [page])
    block = {"rules": [], "prefix": "", "count": 3, "dated": 1.0, "samples": []}
    change(store, shape=block, assumed=True)
    sync_catalogue(store, [page])
    assert row(store).assumed
    change(store, proposal=block)
    with store.writing() as session:
        accept(session, "haus", FakeClock().now())
    sync_catalogue(store, [page])
    assert not row(store).assumed


def test_the_named_bodies_at_a_glance(store: Store) -> None:
    now = FakeClock().now()
    rows = [
        SourceRow(id="a", url="https://a.example.org", named=True, state="ok", last_success=now),
        SourceRow(id="b", url="https://b.example.org", named=True, state="stale", last_success=now),
        SourceRow(id="c", url="https://c.example.org", named=True, state="ok", last_success=now, kind="listing"),
        SourceRow(id="d", url="https://d.example.org", named=True, state="failing", assumed=True),
        SourceRow(id="e", url="https://e.example.org", named=True, state="blocked", last_success=now),
        SourceRow(id="f", url="https://f.example.org", named=True, enabled=False, off_reason="terms"),
        SourceRow(id="g", url="https://g.example.org", state="ok", last_success=now),
    ]
    with store.writing() as session:
        session.add_all(rows)
    with store.reading() as session:
        seen = glance(list_sources(session))
    assert (seen.total, dict(seen.read), seen.works) == (6, {"feed": 2, "listing": 1}, 3)
    assert (seen.waiting, seen.sick, seen.off) == (1, 1, 1)
