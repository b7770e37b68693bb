"""The collector as a service: the catalogue it follows, the claims it takes up, the threads it polls in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import Session

from services.collector.app import Catalogue, build
from services.collector.dispatch import Dispatcher
from services.collector.poll import Done, Poller
from services.collector.robots import Robots
from shared.errors import BusUnavailable, ConfigError, StoreUnavailable
from shared.sources import store as sources
from shared.sources.claims import Claim, claim_due
from shared.sources.sync import REMOVED
from shared.store import Store
from shared.telemetry.notices import notices
from shared.web.client import WebClient
from tests.pipeline.feeds import Entry, rss
from tests.pipeline.harness import wait_until
from tests.unit.collector.conftest import SETTINGS, Bench


def write(path: Path, bench: Bench, *names: str, more: str = "") -> Path:
    blocks = [
        f'[[source]]\nid = "{n}"\nkind = "feed"\nurl = "{bench.site.url(f"/{n}.xml")}"\n{more}' for n in names
    ]
    path.write_text("\n".join(blocks), "utf-8")
    return path


@pytest.fixture
def catalogue(bench: Bench, tmp_path: Path) -> Callable[..., Catalogue]:
    path = tmp_path / "sources.toml"
    kept = Catalogue(path, bench.store)

    def written(*names: str, more: str = "") -> Catalogue:
        write(path, bench, *names, more=more)
        return kept

    return written


@pytest.mark.parametrize("contact", ["", "vigie@example.org"])
def test_a_missing_contact_is_a_warning_until_it_is_set(bench: Bench, tmp_path: Path, contact: str) -> None:
    path = write(tmp_path / "sources.toml", bench, "a")
    for said in ("", contact):
        build(replace(SETTINGS, sources=path, contact=said), bench.store, bench.bus, bench.clock)
    with bench.store.reading() as session:
        found = [(each.key, each.weight.value) for each in notices(session)]
    assert found == ([] if contact else [("settings.contact", "warning")])


def test_a_sources_file_that_is_not_there_is_an_error_and_not_no_sources(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml cannot be read"):
        build(replace(SETTINGS, sources=tmp_path / "nowhere.toml"), bench.store, bench.bus, bench.clock)


def test_a_new_source_is_due_at_once(bench: Bench, catalogue: Callable[..., Catalogue]) -> None:
    catalogue("a", "b").refresh()
    with bench.store.writing() as session:
        assert len(claim_due(session, bench.clock.now(), owner="x", limit=5)) == 2


def test_a_source_that_leaves_the_file_is_switched_off_and_comes_back_with_its_memory(
    bench: Bench, catalogue: Callable[..., Catalogue]
) -> None:
    bench.site.serve("/b.xml", rss([Entry("eins", "Titel")]))
    bench.add("eigene", "/eigene.xml")
    catalogue("a", "b").refresh()
    with bench.store.writing() as session:
        sources.pause(session, "a")
        sources.pause(session, "eigene")
    bench.poll("b")
    catalogue("a").refresh()
    assert (bench.health("b").state, bench.health("b").off_reason) == ("paused", REMOVED)
    assert bench.health("eigene").off_reason != REMOVED
    catalogue("a", "b").refresh()
    assert (bench.health("b").state, bench.health("b").items) == ("ok", 1)


def test_what_an_operator_resumed_stays_on_although_the_file_says_off(
    bench: Bench, catalogue: Callable[..., Catalogue]
) -> None:
    catalogue("a", more='enabled = false\noff_reason = "unstable"\n').refresh()
    assert (bench.health("a").state, bench.health("a").off_reason) == ("paused", "unstable")
    with bench.store.writing() as session:
        sources.resume(session, "a", bench.clock.now())
    catalogue("a", "b", more="enabled = false\n").refresh()
    assert (bench.health("a").enabled, bench.health("b").enabled) == (True, False)


def test_a_newsletter_without_its_mailbox_says_what_is_missing_and_begins_once_it_is_set(
    bench: Bench, tmp_path: Path
) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(
        '[[source]]\nid = "post"\nkind = "mailbox"\nurl = "https://www.example.org/newsletter"\n'
        '[source.mailbox]\nsenders = ["@example.org"]\n',
        "utf-8",
    )
    Catalogue(path, bench.store).refresh()
    health = bench.health("post")
    assert (health.state, health.enabled) == ("paused", False)
    assert "https://www.example.org/newsletter" in health.off_reason
    assert "'default' in VIGIE_MAILBOXES" in health.off_reason
    Catalogue(path, bench.store, ("default",)).refresh()
    assert (bench.health("post").enabled, bench.row("post").next_due) == (True, bench.clock.now())


def test_a_new_address_forgets_what_the_old_server_said(bench: Bench, catalogue: Callable[..., Catalogue]) -> None:
    bench.site.serve("/a.xml", rss([Entry("eins", "Titel")]))
    kept = catalogue("a")
    kept.refresh()
    bench.poll("a")
    assert bench.row("a").etag
    moved = bench.site.serve("/neu.xml", rss([]))
    path = kept._path
    path.write_text(f'[[source]]\nid = "a"\nkind = "feed"\nurl = "{moved}"\n', "utf-8")
    kept.refresh()
    assert (bench.row("a").etag, bench.row("a").body_hash, bench.row("a").items) == (None, None, 1)


def test_a_mistake_in_the_file_stops_the_start_but_not_what_runs(
    bench: Bench, catalogue: Callable[..., Catalogue]
) -> None:
    kept = catalogue("a")
    kept.tick()
    assert kept.trouble is None
    catalogue("a", "b", more="intervall = 5\n")
    kept.tick()
    assert "`interval`" in (kept.trouble or "")
    assert bench.health("a").enabled
    with pytest.raises(ConfigError):
        kept.refresh()
    catalogue("a", "b")
    kept.tick()
    assert kept.trouble is None
    assert bench.health("b").enabled


def test_a_file_that_was_away_and_comes_back_unchanged_is_no_trouble_any_more(
    catalogue: Callable[..., Catalogue], tmp_path: Path
) -> None:
    kept = catalogue("a")
    kept.tick()
    (tmp_path / "sources.toml").rename(tmp_path / "away")
    kept.tick()
    assert "cannot be read" in (kept.trouble or "")
    (tmp_path / "away").rename(tmp_path / "sources.toml")
    kept.tick()
    assert kept.trouble is None


def test_the_service_polls_what_is_due_and_stops(bench: Bench, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        bench.site.serve(f"/{name}.xml", rss([Entry(name, f"Titel {name}")]), delay=0.05)
    settings = replace(SETTINGS, data_dir=tmp_path, sources=write(tmp_path / "s.toml", bench, "a", "b", "c"))
    service = build(settings, bench.store, bench.bus, bench.clock)
    service.start()
    try:
        wait_until(lambda: len(bench.bulk()) == 3, 10, "three items")
        wait_until(lambda: bench.health("c").state == "ok", 10, "a remembered poll")
    finally:
        service.stop(5)
    assert not any(loop.alive for loop in service.health().values())


def test_a_restart_takes_up_what_its_own_former_process_had_claimed(bench: Bench, tmp_path: Path) -> None:
    settings = replace(
        SETTINGS, data_dir=tmp_path, sources=write(tmp_path / "s.toml", bench, "a"), instance="eins"
    )
    build(settings, bench.store, bench.bus, bench.clock)
    with bench.store.writing() as session:
        assert claim_due(session, bench.clock.now(), owner="eins.collector", limit=1)
    build(settings, bench.store, bench.bus, bench.clock)
    assert bench.row("a").claim_token is None


class SickPoller(Poller):
    def poll(self, claim: Claim) -> Done:
        raise BusUnavailable("the disk is full")


@pytest.fixture
def sick(bench: Bench) -> Iterator[Dispatcher]:
    """A dispatcher whose poll of the one source has just failed, for everybody to see."""
    bench.add()
    web = WebClient(SETTINGS, bench.clock)
    poller = SickPoller(bench.store, bench.bus, web, Robots(web, bench.clock), bench.clock, 300)
    dispatcher = Dispatcher(bench.store, poller, web, "x", 8)
    with pytest.raises(BusUnavailable):
        dispatcher.step()
    yield dispatcher
    dispatcher.close()


def test_the_claim_of_a_poll_that_a_sick_world_ended_is_given_back(bench: Bench, sick: Dispatcher) -> None:
    taken = bench.row("haus").claim_token
    assert taken is not None
    with pytest.raises(BusUnavailable):
        sick.step()
    assert bench.row("haus").claim_token != taken


def test_a_claim_that_the_store_could_not_take_back_is_given_back_when_it_can(
    bench: Bench, sick: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = bench.row("haus").claim_token
    with monkeypatch.context() as away:
        away.setattr(Store, "writing", _away)
        with pytest.raises(StoreUnavailable):
            sick.step()
    with pytest.raises(BusUnavailable):
        sick.step()
    assert bench.row("haus").claim_token != taken


@contextmanager
def _away(store: Store) -> Iterator[Session]:
    raise StoreUnavailable("the database does not answer")
    yield  # a context manager needs one
