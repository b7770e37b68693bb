"""What the archive tells of the machine's latest verdicts, whichever database it lives in."""

from math import inf

import pytest

from shared.archive import drift
from shared.archive.corrections import correct
from shared.archive.drift import Lately, lately
from shared.archive.store import write
from shared.items import Purpose
from shared.store import Store
from tests.archived import NOON, a_classified, a_verdict, later
from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


def put(store: Store, item_id: str, purpose: Purpose = Purpose.LIVE, **said: object) -> None:
    with store.writing() as session:
        write(session, a_classified(item_id, verdict=a_verdict(**said)), purpose, store.now(session))


def look(store: Store) -> Lately:
    with store.reading() as session:
        return lately(session, store.now(session))


def test_items_labels_and_models_are_counted_by_language(store: Store) -> None:
    put(store, "a", themes=("energy", "ai"), franco_german=True)
    put(store, "b", themes=("energy",), language="fr", model="hf:x")
    put(store, "c", themes=(), language="nl")
    found = look(store)
    assert found.items == {"de": 1, "fr": 1, "en": 0, "other": 1}
    assert {key: n for key, n in found.given.items() if n} == {
        ("de", "energy"): 1,
        ("de", "ai"): 1,
        ("de", "franco_german"): 1,
        ("fr", "energy"): 1,
    }
    assert found.models == {"lexicon-1": 2, "hf:x": 1}


def test_scores_are_counted_up_to_each_bound(store: Store) -> None:
    put(store, "a", scores={"energy": 0.9}, sovereignty=0.2)
    put(store, "b", scores={"energy": 0.5}, sovereignty=0.6)
    found = look(store).scores
    assert [found["de", "energy", bound] for bound in (0.2, 0.5, 0.8, inf)] == [0, 1, 1, 2]
    assert [found["de", "sovereignty", bound] for bound in (0.2, 0.5, 0.8, inf)] == [1, 1, 2, 2]
    assert [found["de", "health", bound] for bound in (0.2, inf)] == [2, 2]  # not told: 0


def test_every_label_is_there_before_anything_happened(store: Store) -> None:
    found = look(store)
    assert (set(found.items.values()), set(found.given.values()), set(found.scores.values())) == ({0}, {0}, {0})
    assert (len(found.given), len(found.scores), found.models) == (4 * 13, 4 * 13 * 4, {})


def test_only_live_items_of_the_last_day_count(store: Store, clock: FakeClock) -> None:
    put(store, "old")
    clock.advance(hours=24)
    put(store, "imported", purpose=Purpose.BACKFILL)
    put(store, "new")
    assert look(store).items["de"] == 1


def test_the_machine_is_watched_not_the_people_who_mend_it(store: Store) -> None:
    put(store, "a")
    with store.writing() as session:
        correct(session, "a", {"energy": 0.0, "health": 1.0}, NOON)
    found = look(store)
    assert (found.given["de", "energy"], found.given["de", "health"]) == (1, 0)
    assert (found.scores["de", "energy", 0.8], found.scores["de", "health", 0.2]) == (0, 1)


def test_of_several_verdicts_the_one_that_counts_is_counted(store: Store) -> None:
    put(store, "a")
    with store.writing() as session:
        newer = a_classified("a", verdict=a_verdict(model="hf:x", themes=("health",)), at=later(hours=1))
        write(session, newer, Purpose.RECLASSIFY, newer.classified_at)
    found = look(store)
    assert (found.models, found.given["de", "energy"], found.given["de", "health"]) == ({"hf:x": 1}, 0, 1)


def test_a_look_is_bounded_to_the_newest(store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drift, "MOST", 2)
    for number, language in enumerate(("fr", "de", "en")):
        clock.advance(minutes=number)
        put(store, str(number), language=language)
    assert look(store).items == {"de": 1, "fr": 0, "en": 1, "other": 0}
