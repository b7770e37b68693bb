"""A trend marks where its sources began, however many began: by the newest hits, and one by one where need be."""

import pytest

from shared.archive.course import NEWEST, course
from shared.archive.holdings import load
from shared.archive.shelf import Shelf
from shared.archive.words import words_of_item
from shared.items import Purpose
from shared.store import Store
from tests.archived import NOON, a_classified, later
from tests.fakes import FakeClock

SOURCES = 34
SAY_IT = [number for number in range(SOURCES) if number % 3]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.mark.parametrize("among", [5, NEWEST])
def test_of_many_young_sources_those_are_marked_that_say_it(store: Store, among: int) -> None:
    with store.writing() as session:
        shelf = Shelf(session, load(session, []))
        for number in range(SOURCES):
            event = a_classified(
                f"i{number}",
                source=f"s{number}",
                title="Wasser" if number in SAY_IT else "Luft",
                text="",
                published=later(days=number),
            )
            item = event.item
            shelf.write(event, Purpose.LIVE, NOON, lambda language, item=item: words_of_item(item, language))
        shelf.write_back()
    first, last = NOON.date(), later(days=40).date()
    with store.reading() as session:
        found = course(session, "wasser", None, since=first, until=last, step="week", among=among)
        before = course(session, "wasser", None, since=later(days=-9).date(), until=last, step="day", among=among)
    young = [number for number in SAY_IT if number > 0]
    assert sorted(mark.name for mark in found.marks if mark.kind == "source") == sorted(f"s{n}" for n in young)
    assert {mark.name: mark.start for mark in before.marks if mark.kind == "source"} == {
        f"s{number}": later(days=number).date() for number in SAY_IT
    }
