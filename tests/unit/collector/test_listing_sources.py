"""A listing page as a source: taken when there is no doubt, else accepted by a person, and held to that."""

from pathlib import Path
from typing import Final

import pytest

from services.collector.record import Status
from shared.errors import Conflict
from shared.sources import store as sources
from shared.sources.proposals import accept
from shared.sources.states import State
from tests.unit.collector.conftest import Bench

SITES: Final = Path(__file__).parents[2] / "sites"
PAGE: Final = "/aktuelles/"


def saved(site: str) -> str:
    return (SITES / f"{site}.html").read_text("utf-8")


def serve(bench: Bench, page: str) -> None:
    bench.site.serve(PAGE, page, content_type="text/html; charset=utf-8")


def watched(bench: Bench, page: str) -> Status:
    serve(bench, page)
    bench.site.serve("/robots.txt", "", content_type="text/plain")
    bench.add("haus", PAGE, kind="listing")
    return bench.poll()


def titles(bench: Bench) -> set[str]:
    return {*bench.live(), *bench.bulk()}


def test_a_first_page_with_strong_evidence_is_taken_and_marked_as_assumed(bench: Bench) -> None:
    assert watched(bench, saved("typo3")) is Status.READ
    row = bench.row()
    assert (row.state, row.assumed, row.shape is not None) == (State.OK, True, True)
    assert "Energiespeicher für das Quartier geht in Betrieb" in titles(bench)


def weak(bench: Bench) -> Status:
    return watched(bench, saved("weak"))


def test_a_weak_first_page_waits_for_a_person(bench: Bench) -> None:
    assert weak(bench) is Status.FAILED
    row = bench.row()
    assert (row.state, row.trouble, row.shape) == (State.NEW, "waits", None)
    assert titles(bench) == set()
    with bench.store.reading() as session:
        accepted, proposed = sources.blocks_of(session, "haus")
    assert accepted is None
    assert proposed is not None
    assert proposed.count == 8


def test_what_a_person_accepts_is_read_from_then_on(bench: Bench) -> None:
    weak(bench)
    with bench.store.writing() as session:
        accept(session, "haus", bench.clock.now())
    assert bench.poll() is Status.READ
    assert (bench.row().state, bench.row().assumed, len(titles(bench))) == (State.OK, False, 8)


def test_nothing_is_accepted_where_nothing_waits(bench: Bench) -> None:
    watched(bench, saved("typo3"))
    with pytest.raises(Conflict, match="nothing of haus waits"), bench.store.writing() as session:
        accept(session, "haus", bench.clock.now())


def test_a_page_that_was_rebuilt_says_so_with_the_new_block_beside_the_old_one(bench: Bench) -> None:
    watched(bench, saved("typo3"))
    serve(bench, saved("government_site_builder"))
    assert bench.poll() is Status.FAILED
    assert (bench.row().state, bench.row().trouble) == (State.REBUILT, "rebuilt")
    with bench.store.reading() as session:
        old, new = sources.blocks_of(session, "haus")
    assert old is not None
    assert new is not None
    assert old.samples[0][1] == new.samples[0][1]
    assert old.samples[0][0] != new.samples[0][0]
    with bench.store.writing() as session:
        accept(session, "haus", bench.clock.now())
    assert bench.poll() is Status.READ
    assert bench.row().state == State.OK


def test_a_page_without_its_entries_is_never_no_news(bench: Bench) -> None:
    watched(bench, saved("typo3"))
    serve(bench, saved("article"))
    assert bench.poll() is Status.FAILED
    assert bench.row().state == State.REBUILT


def test_a_page_that_comes_back_as_it_was_is_well_again(bench: Bench) -> None:
    watched(bench, saved("typo3"))
    serve(bench, saved("article"))
    bench.poll()
    serve(bench, saved("typo3"))
    bench.poll()
    assert (bench.row().state, bench.row().proposal) == (State.OK, None)


def test_a_later_page_with_a_single_entry_is_read_by_the_stored_rule(bench: Bench) -> None:
    page = saved("wordpress")
    watched(bench, page)
    head, *entries = page.split('<li class="wp-block-post ')
    new = entries[0].replace("Energiespeicher für das Quartier geht in Betrieb", "Ein neuer Speicher")
    new = new.replace("energiespeicher-für-das-quartier-geht-in-betrieb", "ein-neuer-speicher")
    tail = entries[-1].partition("</li>")[2]
    serve(bench, f'{head}<li class="wp-block-post {new}{tail}')
    assert bench.poll() is Status.READ
    assert "Ein neuer Speicher" in titles(bench)
    assert bench.row().state == State.OK


def test_the_next_year_s_folder_is_not_another_page(bench: Bench) -> None:
    watched(bench, saved("wordpress"))
    serve(bench, saved("wordpress").replace("/2026/11/", "/2027/01/"))
    assert bench.poll() is Status.READ
