"""What the archive promises, whichever database it lives in."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import col, update

from shared.archive import places_found
from shared.archive import search as reading
from shared.archive.changes import newest_change
from shared.archive.corrections import correct, corrected_items
from shared.archive.shelf import Change
from shared.archive.store import archived_item, count_current, current_items, write
from shared.archive.stories import merge, root_story, story_ids
from shared.archive.tables import ItemRow
from shared.errors import BadInput, NotFound
from shared.items import ClassifiedItem, Purpose
from shared.store import Store
from tests.archived import NOON, a_classified, a_verdict, later
from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


def put(store: Store, *events: ClassifiedItem, purpose: Purpose = Purpose.LIVE) -> list[frozenset[Change]]:
    """Take the events over, none of which is of the future when it comes."""
    with store.writing() as session:
        return [
            write(session, event, purpose, max(store.now(session), _latest(event))).changes for event in events
        ]


def _latest(event: ClassifiedItem) -> datetime:
    return max(event.classified_at, event.item.fetched_at)


def state(store: Store, item_id: str = "one"):
    with store.reading() as session:
        found = archived_item(session, item_id)
    assert found is not None
    return found


def found(store: Store, query: str = "", **how) -> list[str]:
    with store.reading() as session:
        return [item.item_id for item in reading.search(session, query, **how).items]


def detail(store: Store, item_id: str = "one"):
    with store.reading() as session:
        shown = reading.item(session, item_id)
    assert shown is not None
    return shown


# Revisions


def test_a_new_item_is_revision_one_first_seen_at_database_time(store: Store, clock: FakeClock) -> None:
    clock.advance(minutes=5)
    assert put(store, a_classified(published=None)) == [{Change.NEW}]
    item = state(store)
    assert (item.revision, item.first_seen, item.story) == (1, later(minutes=5), "one")


def test_the_same_event_again_changes_nothing(store: Store) -> None:
    assert put(store, a_classified(), a_classified())[1] == frozenset()
    assert state(store).revision == 1


def test_other_words_from_the_owner_are_the_next_revision(store: Store) -> None:
    put(store, a_classified(text="eins"), a_classified(text="zwei", fetched_at=later(hours=1)))
    assert (state(store).revision, state(store).text) == (2, "zwei")
    assert [(r.revision, r.title) for r in detail(store).revisions] == [(1, "Meldung one"), (2, "Meldung one")]


def test_words_that_come_back_are_a_revision_too(store: Store) -> None:
    put(store, *(a_classified(text=t, fetched_at=later(hours=n)) for n, t in enumerate(("eins", "zwei", "eins"))))
    assert (state(store).revision, state(store).text) == (3, "eins")


def test_an_older_state_of_an_item_is_refused(store: Store) -> None:
    put(store, a_classified(text="neu"))
    assert put(store, a_classified(text="alt", fetched_at=later(hours=-1))) == [frozenset()]
    assert (state(store).revision, state(store).text) == (1, "neu")


def test_a_newer_statement_of_the_same_words_is_no_revision(store: Store) -> None:
    put(store, a_classified(), a_classified(published=later(hours=-3), fetched_at=later(hours=1)))
    assert (state(store).revision, state(store).published) == (1, later(hours=-3))


def test_first_seen_stays_when_an_item_changes(store: Store, clock: FakeClock) -> None:
    put(store, a_classified(text="eins"))
    clock.advance(hours=2)
    put(store, a_classified(text="zwei", fetched_at=later(hours=1)))
    assert state(store).first_seen == NOON
    assert detail(store).revised_at == later(hours=2)


# Sources


def test_a_further_source_is_a_sighting_and_the_first_owns_the_content(store: Store, clock: FakeClock) -> None:
    put(store, a_classified(text="vom ersten"))
    clock.advance(seconds=1)
    changes = put(store, a_classified(source="aaa", text="vom zweiten", fetched_at=later(days=1)))
    assert changes == [{Change.SIGHTED}]
    assert (state(store).text, state(store).sources) == ("vom ersten", ("dfki", "aaa"))
    assert [s.source for s in detail(store).sightings] == ["dfki", "aaa"]


def test_an_item_is_found_under_every_source_that_it_was_seen_at(store: Store) -> None:
    put(store, a_classified(), a_classified(source="inria"), a_classified("two"))
    assert found(store, "source:inria") == ["one"]
    with store.reading() as session:
        assert reading.counts_by_source(session) == {"dfki": 2, "inria": 1}


# Verdicts


def test_the_latest_verdict_on_the_current_revision_counts(store: Store) -> None:
    put(store, a_classified())
    newer = a_classified(verdict=a_verdict(model="hf:x", themes=("health",), language="fr"), at=later(hours=1))
    assert put(store, newer, purpose=Purpose.RECLASSIFY) == [{Change.TAGGED}]
    assert (state(store).verdict.model, state(store).verdict.themes) == ("hf:x", ("health",))
    assert found(store, "theme:health lang:fr") == ["one"]
    assert found(store, "theme:energy") == []


def test_an_earlier_verdict_that_arrives_late_does_not_count(store: Store) -> None:
    put(store, a_classified(at=later(hours=2)))
    put(store, a_classified(verdict=a_verdict(model="hf:x"), at=later(hours=1)), purpose=Purpose.RECLASSIFY)
    assert state(store).verdict.model == "lexicon-1"


def test_a_verdict_on_earlier_words_does_not_count(store: Store) -> None:
    put(store, a_classified(text="eins"), a_classified(text="zwei", fetched_at=later(hours=1)))
    late = a_classified(text="eins", verdict=a_verdict(model="hf:x", themes=("ai",)), at=later(hours=5))
    put(store, late, purpose=Purpose.RECLASSIFY)
    assert state(store).verdict.themes == ("energy",)


def test_a_verdict_on_words_that_the_archive_never_had_is_dropped(store: Store) -> None:
    put(store, a_classified(text="zwei", fetched_at=later(hours=1)))
    assert put(store, a_classified(text="nie", at=later(hours=5))) == [frozenset()]


def test_a_reclassified_item_that_was_removed_does_not_come_back(store: Store) -> None:
    put(store, a_classified(), purpose=Purpose.RECLASSIFY)
    assert found(store) == []


def test_what_a_person_corrected_no_machine_overwrites(store: Store) -> None:
    put(store, a_classified())
    with store.writing() as session:
        verdict = correct(session, "one", {"energy": 0.0, "health": 1.0, "sovereignty": 0.75}, NOON)
    assert verdict == state(store).verdict
    put(store, a_classified(verdict=a_verdict(model="hf:x"), at=later(hours=1)), purpose=Purpose.RECLASSIFY)
    verdict = state(store).verdict
    assert (verdict.themes, verdict.sovereignty, verdict.model) == (("health",), 0.75, "hf:x")
    assert verdict.reasons == ()
    assert (found(store, "theme:health"), found(store, "theme:energy")) == (["one"], [])


def test_the_last_correction_of_a_label_holds(store: Store) -> None:
    put(store, a_classified())
    with store.writing() as session:
        correct(session, "one", {"sovereignty": 0.75}, NOON)
        correct(session, "one", {"sovereignty": 0.5}, later(hours=1))
    assert state(store).verdict.sovereignty == 0.5


def test_who_checked_an_item_confirms_what_nobody_spoke_of(store: Store) -> None:
    put(store, a_classified())
    with store.writing() as session:
        correct(session, "one", {"health": 1.0}, NOON, checked=True)
    other = a_verdict(model="hf:x", themes=("ai", "climate"), sovereignty=1.0, franco_german=True)
    put(store, a_classified(verdict=other, at=later(hours=1)), purpose=Purpose.RECLASSIFY)
    verdict = state(store).verdict
    assert (set(verdict.themes), verdict.sovereignty, verdict.franco_german) == ({"energy", "health"}, 0.25, False)


@pytest.mark.parametrize(
    ("item", "said", "error", "words"),
    [
        ("nowhere", {"energy": 0.0}, NotFound, "'nowhere'"),
        ("one", {"enrgy": 1.0}, BadInput, "'enrgy' is no label; known are energy"),
        ("one", {"sovereignty": 1.5}, BadInput, "sovereignty goes from 0 to 1, not 1.5"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(
    store: Store, item: str, said: dict[str, float], error: type[Exception], words: str
) -> None:
    put(store, a_classified())
    with store.writing() as session, pytest.raises(error, match=words):
        correct(session, item, said, NOON)
    with store.reading() as session:
        assert corrected_items(session) == ()


def test_corrected_items_can_be_read_in_pages_with_what_people_said(store: Store) -> None:
    put(store, *(a_classified(name) for name in ("a", "b", "c", "d")))
    with store.writing() as session:
        correct(session, "a", {"energy": 0.0}, NOON)
        correct(session, "a", {"health": 1.0}, later(hours=2))
        correct(session, "b", {"sovereignty": 1.0}, NOON)
        correct(session, "c", {"franco_german": 1.0}, later(hours=1))
    with store.reading() as session:
        first = corrected_items(session, limit=1)
        rest = corrected_items(session, after="a")
        late = corrected_items(session, since=later(hours=1))
    assert [(each.item.item_id, each.at, each.said) for each in first] == [
        ("a", later(hours=2), {"energy": 0.0, "health": 1.0})
    ]
    assert first[0].item.verdict.themes == ("health",)
    assert ([each.item.item_id for each in rest], [each.item.item_id for each in late]) == (["b", "c"], ["a", "c"])


def test_current_revisions_can_be_read_in_pages_for_another_model(store: Store) -> None:
    put(store, *(a_classified(name) for name in ("a", "b", "c")))
    put(store, a_classified("a", text="anders", fetched_at=later(hours=1)))
    with store.reading() as session:
        first = current_items(session, limit=2)
        rest = current_items(session, after=first[-1].item_id)
        none = current_items(session, since=later(seconds=1))
    assert [(i.item_id, i.text) for i in first] == [("a", "anders"), ("b", "Das Netz wächst.")]
    assert ([i.item_id for i in rest], none) == (["c"], ())
    assert rest[0] == a_classified("c").item


def test_items_of_other_models_than_one_can_be_read_and_counted(store: Store) -> None:
    put(store, *(a_classified(name) for name in ("a", "b", "c")))
    put(store, a_classified("b", verdict=a_verdict(model="hf:x"), at=later(hours=1)), purpose=Purpose.RECLASSIFY)
    with store.writing() as session:
        correct(session, "b", {"energy": 0.0}, NOON)  # a person's word leaves the model that it rests on
    with store.reading() as session:
        assert [item.item_id for item in current_items(session, unless_model="hf:x")] == ["a", "c"]
        assert [item.item_id for item in current_items(session, unless_model="hf:x", after="a")] == ["c"]
        assert [count_current(session, unless_model=model) for model in ("hf:x", "lexicon-1", "new", None)] == [
            2,
            1,
            3,
            3,
        ]
        assert count_current(session, since=later(seconds=1)) == 0


# Mail's side of an item


@pytest.mark.parametrize(("purpose", "in_bulk"), [(Purpose.LIVE, False), (Purpose.BACKFILL, True)])
def test_how_an_item_entered_is_kept(store: Store, purpose: Purpose, in_bulk: bool) -> None:
    put(store, a_classified(), purpose=purpose)
    put(store, a_classified(text="später", fetched_at=later(hours=1)))
    assert state(store).entered_in_bulk is in_bulk


def test_a_release_is_kept_and_an_earlier_one_does_not_undo_it(store: Store) -> None:
    put(store, a_classified(), purpose=Purpose.BACKFILL)
    assert put(store, a_classified(released_at=later(hours=3))) == [{Change.RELEASED}]
    put(store, a_classified(released_at=later(hours=2)), a_classified())
    assert state(store).released_at == later(hours=3)


# Stories


def test_a_merged_story_is_found_under_both_names_and_changes_no_item(store: Store) -> None:
    put(store, *(a_classified(name) for name in ("a", "b", "c", "d")))
    with store.writing() as session:
        session.execute(update(ItemRow).where(col(ItemRow.item_id) == "b").values(story="a"))
        assert merge(session, {"d", "c"}, NOON) == "c"
        assert merge(session, {"c", "a"}, NOON) == "a"
    with store.reading() as session:
        assert [root_story(session, name) for name in ("a", "c", "d")] == ["a", "a", "a"]
        assert story_ids(session, "d") == ("a", "c", "d")
        assert [item.item_id for item in reading.story(session, "c")] == ["a", "b", "c", "d"]
    assert [item.story for item in (state(store, "d"), detail(store, "d"))] == ["a", "a"]


# Lists


def test_the_newest_come_first_by_publication_else_by_first_sight(store: Store, clock: FakeClock) -> None:
    put(
        store,
        a_classified("old", published=later(days=-2)),
        a_classified("undated", published=None),
        a_classified("new", published=later(hours=1)),
        a_classified("twin", published=None),
    )
    assert found(store) == ["new", "twin", "undated", "old"]
    assert found(store, order="oldest") == ["old", "undated", "twin", "new"]


def test_pages_stay_put_while_new_items_arrive(store: Store) -> None:
    put(store, *(a_classified(str(n), published=later(hours=n // 2)) for n in range(7)))
    with store.reading() as session:
        first = reading.search(session, "", limit=3)
    put(store, a_classified("newest", published=later(days=1)))
    with store.reading() as session:
        second = reading.search(session, "", limit=3, after=first.next)
        third = reading.search(session, "", limit=3, after=second.next)
    shown = [item.item_id for page in (first, second, third) for item in page.items]
    assert shown == ["6", "5", "4", "3", "2", "1", "0"]
    assert (first.count, second.count, third.next) == (7, 8, None)


@pytest.mark.parametrize("cursor", ["x", "é", "MXwx", "MjAyNi0wMy0wMnwx", "A" * 500])
def test_a_foreign_cursor_is_an_error_that_says_so(store: Store, cursor: str) -> None:
    with store.reading() as session, pytest.raises(BadInput, match="not a cursor"):
        reading.search(session, "", after=cursor)


def test_everything_can_be_read_in_little_memory(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE", 3)
    put(store, *(a_classified(str(n), published=later(hours=n)) for n in range(8)))
    assert [item.item_id for item in reading.every(store)] == list("76543210")
    assert [item.item_id for item in reading.every(store, limit=4)] == list("7654")
    assert list(reading.every(store, limit=0)) == []


def test_a_count_stops_at_its_cap(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places_found, "COUNT_CAP", 2)
    put(store, *(a_classified(str(n)) for n in range(5)))
    with store.reading() as session:
        assert reading.count(session) == 3


# Words


def test_words_are_found_in_title_summary_and_text_and_their_old_ones_are_not(store: Store) -> None:
    put(store, a_classified(title="Kompetenzzentren", summary="Die Förderung", text="Das Netz"))
    assert [found(store, q) for q in ("kompetenzzentrum", "foerderung", "netz")] == [["one"]] * 3
    put(store, a_classified(title="Neues", text="anderes", fetched_at=later(hours=1)))
    assert [found(store, q) for q in ("kompetenzzentrum", "netz", "neues")] == [[], [], ["one"]]


def test_another_language_of_the_verdict_reindexes_the_words(store: Store) -> None:
    text = "The regulations were published"
    put(store, a_classified(text=text, verdict=a_verdict(language="other")))
    before = found(store, "regulation")
    put(store, a_classified(text=text, verdict=a_verdict(language="en", model="m2"), at=later(hours=1)))
    assert (before, found(store, "regulation")) == ([], ["one"])


# Counts


def test_counts_by_theme_and_day_keep_zeros_and_follow_the_query(store: Store) -> None:
    put(
        store,
        a_classified("a"),
        a_classified("b", published=later(days=-2), verdict=a_verdict(themes=("energy", "ai"))),
    )
    day = NOON.date()
    with store.reading() as session:
        assert reading.counts_by_theme(session) == {"energy": 2, "ai": 1}
        assert reading.counts_by_theme(session, "after:2026-03-02") == {"energy": 1}
        per_day = reading.counts_by_day(session, since=day - timedelta(days=2), until=day)
        of_ai = reading.counts_by_day(session, since=day, until=day, query_text="theme:ai")
    assert list(per_day.values()) == [1, 0, 1]
    assert of_ai == {day: 0}


def test_a_day_without_a_time_counts_as_the_day_that_was_written(store: Store) -> None:
    """Local midnight in Berlin is 23:00 UTC of the day before; an evening in Berlin can be tomorrow."""
    put(
        store,
        a_classified("written", published=datetime(2026, 3, 1, 23, tzinfo=UTC), published_on=date(2026, 3, 2)),
        a_classified("evening", published=datetime(2026, 3, 2, 22, 30, tzinfo=UTC)),
        a_classified("late", published=datetime(2026, 3, 2, 23, 30, tzinfo=UTC)),
    )
    assert set(found(store, "after:2026-03-02 before:2026-03-03")) == {"written", "evening"}
    assert found(store, "after:2026-03-03") == ["late"]
    assert found(store, "before:2026-03-02") == []
    with store.reading() as session:
        counted = reading.counts_by_day(session, since=date(2026, 3, 1), until=date(2026, 3, 3))
        shown = reading.item(session, "written")
    assert list(counted.values()) == [0, 2, 1]
    assert shown is not None
    assert (shown.published_on, shown.day) == (date(2026, 3, 2), date(2026, 3, 2))


def test_an_item_that_is_not_there_is_none(store: Store) -> None:
    with store.reading() as session:
        assert reading.item(session, "nowhere") is None
        assert archived_item(session, "nowhere") is None
        assert reading.story(session, "nowhere") == ()
        assert newest_change(session) is None
