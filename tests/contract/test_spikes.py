"""Spikes: the archivist finds them with live items, keeps them with the item, and says so; on both stores."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from services.archivist.incoming import incoming
from services.archivist.spiking import Known, find
from services.archivist.write import take_over
from shared.archive.holdings import holding
from shared.archive.removal import Because, remove
from shared.archive.search import item as found_item
from shared.archive.search import search
from shared.archive.store import write
from shared.bus import Record
from shared.items import CALENDAR, ArchivedItem, ClassifiedItem, Purpose
from shared.query.match import document_of, matches
from shared.query.syntax import parse
from shared.store import Store
from tests.archived import NOON, a_classified, a_verdict, live, purposeful

SOURCES = ("dfki", "cea", "inria")


def an_item(
    number: int, ago: float, *, source: str = "", themes: Sequence[str] = ("energy",), title: str = ""
) -> ClassifiedItem:
    at = NOON - timedelta(days=ago)
    return a_classified(
        f"i{number}",
        source=source or SOURCES[number % 3],
        title=title or f"Meldung {number}",
        text=f"Inhalt {number}",
        published=at,
        at=NOON,
        verdict=a_verdict(themes=tuple(themes), organisations=()),
    )


@pytest.fixture
def year(store: Store) -> Store:
    """Half a year of one item on energy a week, and four on health."""
    with store.writing() as session:
        for week in range(2, 28):
            for n, theme in enumerate(("energy", "health", "health", "health", "health")):
                write(session, an_item(1000 + week * 10 + n, week * 7, themes=(theme,)), Purpose.BACKFILL, NOON)
    return store


def take(store: Store, records: Sequence[Record], *, forgetful: bool = False) -> list[ArchivedItem]:
    """What the archivist tells of at noon, one event a batch."""
    told, known = [], Known()
    for record in records:
        event = incoming(record)
        with store.writing() as session:
            (one,) = take_over(session, [event], NOON)
        assert one
        if event.purpose is Purpose.LIVE:
            find(store, [one], NOON, CALENDAR, Known() if forgetful else known)
            told.append(one.state())
    return told


def spiking(items: Sequence[ArchivedItem]) -> dict[str, list[tuple[str, str, int]]]:
    return {
        one.item_id: [(each.kind, each.value, each.found) for each in one.spikes] for one in items if one.spikes
    }


def test_the_item_that_shows_a_spike_keeps_it_and_is_told_of_with_it(year: Store) -> None:
    told = take(year, live(*(an_item(n, 0.01 * n) for n in range(8))))
    ((item_id, said),) = spiking(told).items()
    assert said == [("theme", "energy", 5)]
    assert item_id == "i4"
    document = document_of(next(one for one in told if one.item_id == item_id))
    assert matches(parse("is:spike theme:energy"), document)
    with year.reading() as session:
        assert [one.item_id for one in search(session, "is:spike").items] == [item_id]
        one = found_item(session, item_id)
        assert one
        assert (one.spikes[0].found, one.spikes[0].usual) == (5, 1.0)


def test_a_word_of_titles_can_be_the_subject(year: Store) -> None:
    told = take(year, live(*(an_item(n, 0.01 * n, themes=(), title=f"Elektrolyseur {n}") for n in range(6))))
    assert [("word", "elektrolyseur", 5)] in spiking(told).values()


@pytest.mark.parametrize("forgetful", [True, False])
def test_what_was_asked_before_changes_nothing(year: Store, forgetful: bool) -> None:
    """Of two a week, eight are far more, and five are not."""
    with year.writing() as session:
        for week in range(2, 28):
            for n, theme in enumerate(("energy", "health", "health", "health", "health")):
                write(session, an_item(2000 + week * 10 + n, week * 7, themes=(theme,)), Purpose.BACKFILL, NOON)
    told = spiking(take(year, live(*(an_item(n, 0.01 * n) for n in range(10))), forgetful=forgetful))
    assert told == {"i7": [("theme", "energy", 8)]}


def test_what_comes_again_has_no_second_spike(year: Store) -> None:
    first = take(year, live(*(an_item(n, 0.01 * n) for n in range(8))))
    again = take(year, live(*(an_item(n, 0.01 * n) for n in range(8))))
    assert spiking(again) == spiking(first)


def test_a_new_source_shows_none(year: Store) -> None:
    assert spiking(take(year, live(*(an_item(n, 0.01 * n, source=f"new{n % 2}") for n in range(9))))) == {}


def test_items_in_bulk_and_old_ones_show_none(year: Store) -> None:
    take(year, purposeful(Purpose.BACKFILL, [an_item(n, 0.01 * n) for n in range(8)]))
    assert spiking(take(year, live(*(an_item(n + 20, 4) for n in range(8))))) == {}
    with year.reading() as session:
        assert search(session, "is:spike").count == 0


def test_a_young_archive_shows_none(store: Store) -> None:
    assert spiking(take(store, live(*(an_item(n, 0.01 * n) for n in range(9))))) == {}


def test_what_is_taken_out_takes_its_spike_along(year: Store) -> None:
    take(year, live(*(an_item(n, 0.01 * n) for n in range(8))))
    with year.writing() as session:
        remove(session, "i4", Because.MISTAKE, NOON)
        assert search(session, "is:spike").count == 0


def test_a_later_look_at_the_item_finds_its_spike_still_there(year: Store) -> None:
    take(year, live(*(an_item(n, 0.01 * n) for n in range(8))))
    with year.reading() as session:
        again = holding(session, "i4")
    assert again
    assert [spike.value for spike in again.spikes] == ["energy"]
