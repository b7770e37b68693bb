"""The archivist's step: what it writes, what it publishes, and that neither order nor repetition matters."""

from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session

from services.archivist.incoming import incoming
from services.archivist.write import handler, take_over
from shared.archive.search import item as item_of
from shared.bus import ARCHIVED, BULK, CLASSIFIED, Message, Outcome, Record
from shared.errors import Unprocessable
from shared.events import decode
from shared.items import ArchivedItem, ClassifiedItem, Purpose
from shared.store import Store
from tests.archived import NOON, a_classified, a_verdict, later, live, records
from tests.fakes import FakeClock, a_store
from tests.once import memory

RELEASE = "Deutschland und Frankreich bauen ein gemeinsames Rechenzentrum"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(later(days=1))


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = a_store(tmp_path, clock)
    yield opened
    opened.close()


def published(outcome: Outcome) -> list[ArchivedItem]:
    assert {topic for topic, _ in outcome.publish} <= {ARCHIVED}
    assert outcome.dead == ()
    decoded = [decode(Record(ARCHIVED, 0, 0, NOON, m), ArchivedItem) for _, m in outcome.publish]
    assert {purpose for _, purpose in decoded} <= {Purpose.LIVE}
    return [state for state, _ in decoded]


def test_every_live_event_publishes_the_state_of_its_item(store: Store) -> None:
    states = published(handler(store)(live(a_classified("a"), a_classified("b"))))
    assert [(s.item_id, s.revision, s.story, s.entered_in_bulk) for s in states] == [
        ("a", 1, "a", False),
        ("b", 1, "b", False),
    ]


def test_a_batch_that_comes_again_publishes_the_same_states(store: Store, clock: FakeClock) -> None:
    batch = live(a_classified("a"), a_classified("b"))
    first = published(handler(store)(batch))
    clock.advance(hours=1)
    assert published(handler(store)(batch)) == first


def test_an_outdated_live_event_publishes_the_newer_state(store: Store) -> None:
    handle = handler(store)
    handle(live(a_classified(text="neu", fetched_at=later(hours=1))))
    (state,) = published(handle(live(a_classified(text="alt"))))
    assert (state.text, state.revision) == ("neu", 1)


@pytest.mark.parametrize("purpose", [Purpose.BACKFILL, Purpose.RECLASSIFY])
def test_bulk_is_archived_and_never_published(store: Store, purpose: Purpose) -> None:
    handle = handler(store)
    handle(records((a_classified(), Purpose.BACKFILL), topic=CLASSIFIED + BULK))
    newer = a_classified(verdict=a_verdict(model="m2"), at=later(hours=1))
    assert handle(records((newer, purpose), topic=CLASSIFIED + BULK)).publish == ()
    with store.reading() as session:
        shown = item_of(session, "one")
    assert shown is not None
    assert shown.model == "m2"


def test_a_released_item_is_published_with_its_release(store: Store) -> None:
    handle = handler(store)
    handle(records((a_classified(), Purpose.BACKFILL)))
    (state,) = published(handle(live(a_classified(released_at=later(hours=1)))))
    assert (state.entered_in_bulk, state.released_at) == (True, later(hours=1))


def test_the_trace_of_an_event_goes_on(store: Store) -> None:
    (record,) = live(a_classified())
    ((_, message),) = handler(store)([record]).publish
    trace = record.message.headers["traceparent"].split("-")[1]
    assert message.headers["traceparent"].split("-")[1] == trace
    assert {"vigie-classifier", "vigie-archivist"} <= set(message.headers)


def test_a_sick_record_fails_the_batch_before_anything_is_written(store: Store) -> None:
    good = live(a_classified())
    sick = Record(CLASSIFIED, 0, 1, NOON, Message("x", b"not json"))
    with pytest.raises(Unprocessable, match="CloudEvent"):
        handler(store)([*good, sick])
    with store.reading() as session:
        assert item_of(session, "one") is None


def test_the_same_release_at_a_second_source_joins_the_story(store: Store) -> None:
    first, second = a_classified("a", title=RELEASE), a_classified("b", source="inria", title=RELEASE)
    states = published(handler(store)(live(first, second)))
    assert [state.story for state in states] == ["a", "a"]


def test_the_same_title_after_the_look_back_is_another_story(store: Store) -> None:
    later_on = a_classified("b", source="inria", title=RELEASE, published=later(hours=73))
    states = published(handler(store)(live(a_classified("a", title=RELEASE), later_on)))
    assert [state.story for state in states] == ["a", "b"]


def test_an_item_that_belongs_to_two_stories_makes_them_one(store: Store) -> None:
    text = " ".join(f"wort{n}" for n in range(30))
    handle = handler(store)
    handle(live(a_classified("a", title=RELEASE), a_classified("b", source="cea", text=text)))
    (state,) = published(handle(live(a_classified("c", source="inria", title=RELEASE, text=text))))
    assert state.story == "a"
    (state,) = published(handle(live(a_classified("b", source="cea", text=text))))
    assert state.story == "a"


def test_a_revision_that_shows_two_stories_to_be_one_merges_them(store: Store) -> None:
    handle = handler(store)
    handle(live(a_classified("a", title=RELEASE), a_classified("b", source="cea", title="Meldung")))
    revised = a_classified("b", source="cea", title=RELEASE, fetched_at=later(hours=1))
    (state,) = published(handle(live(revised)))
    assert (state.story, state.revision) == ("a", 2)


# Order and repetition

ITEMS = [
    a_classified("a", title=RELEASE, text="eins"),
    a_classified("a", title=RELEASE, text="zwei", fetched_at=later(hours=1)),
    a_classified("a", title=RELEASE, text="zwei", fetched_at=later(hours=2), published=later(hours=1)),
    a_classified("b", source="inria", title=RELEASE),
    a_classified("c", source="cea", title="Newsletter März", published=later(hours=1)),
    a_classified("d", source="cea", released_at=later(hours=5)),
    a_classified("d", source="cea"),
]
TAGS = [
    a_classified("a", title=RELEASE, text="zwei", verdict=a_verdict(model="m2", themes=("ai",)), at=later(hours=n))
    for n in (3, 4)
]
DATABASE_TIMES = {"first_seen", "revised_at", "seen_at", "first_at"}
BY_ARRIVAL = {"id", "item", "story", "place"}  # who came first
TABLES = (
    "items",
    "revisions",
    "verdicts",
    "sightings",
    "item_themes",
    "item_organisations",
    "story_keys",
    "item_places",
    "item_tallies",
)
NOTHING_COUNTED = {"item_tallies": "items = 0"}  # what was written and taken back in between; no reader sees it


def archived(
    events: Sequence[tuple[ClassifiedItem, Purpose]],
    batches: Sequence[int] = (),
    apart_from: Set[str] = DATABASE_TIMES | BY_ARRIVAL,
) -> dict[str, list[str]]:
    """Table -> rows after the events, in batches of these sizes and then singly."""
    clock = FakeClock(later(days=1))
    with TemporaryDirectory(dir=memory()) as folder, closing(a_store(Path(folder), clock)) as store:
        return _archived(store, clock, events, batches, apart_from)


def _archived(
    store: Store,
    clock: FakeClock,
    events: Sequence[tuple[ClassifiedItem, Purpose]],
    batches: Sequence[int],
    apart_from: Set[str],
) -> dict[str, list[str]]:
    waiting, sizes = [incoming(record) for record in records(*events)], list(batches)
    while waiting:
        size = sizes.pop(0) if sizes else 1
        batch, waiting = waiting[:size], waiting[size:]
        clock.advance(minutes=1)
        with store.writing() as session:
            take_over(session, batch, store.now(session))
    with store.reading() as session:
        content = {table: _rows(session, table, apart_from) for table in TABLES}
        content["words"] = _indexed(session)
    return content


def _rows(session: Session, table: str, apart_from: Set[str]) -> list[str]:
    left_out = NOTHING_COUNTED.get(table, "false")
    found = session.execute(text(f"SELECT * FROM {table} WHERE NOT ({left_out})")).mappings()
    return sorted(str({k: v for k, v in row.items() if k not in apart_from}) for row in found)


def _indexed(session: Session) -> list[str]:
    """Every word of the index with its item and its place in it."""
    session.execute(text("CREATE VIRTUAL TABLE temp.indexed USING fts5vocab(main, item_words, instance)"))
    entries = """SELECT items.item_id, term, col, "offset" FROM indexed
        LEFT JOIN item_places ON place = doc LEFT JOIN items ON items.id = item_places.item"""
    return sorted(map(str, session.execute(text(entries)).all()))


SPEECH = " ".join(f"wort{n}" for n in range(80))
TOLD_AGAIN = [
    a_classified("e", source="cea", title="Meldung", text=SPEECH),
    a_classified("f", source="dfki", title="Pressemitteilung", text=f"{SPEECH} mehr"),
    a_classified("b", source="inria", title=RELEASE, text=SPEECH, fetched_at=later(hours=1)),
    a_classified("a", source="aaa", title="Anderswo", text="nebenbei"),
    a_classified("g", source="bmwk", title=RELEASE, text="eigene Worte", published=later(hours=80)),
]


@given(st.data())
@settings(max_examples=15)
def test_a_batch_gives_the_archive_that_its_events_give_one_by_one(data: st.DataObject) -> None:
    """Stories and numbers of arrival included: in memory events meet as they would in the tables.

    Not the place among items of one moment: who is published anew within a batch never stood at its old one.
    """
    known = [(e, Purpose.LIVE) for e in ITEMS + TOLD_AGAIN] + [(e, Purpose.RECLASSIFY) for e in TAGS]
    events = data.draw(st.lists(st.sampled_from(known), min_size=2, max_size=20))
    sizes = data.draw(st.lists(st.integers(1, 12), max_size=6))
    apart_from = DATABASE_TIMES | {"place"}
    assert archived(events, sizes, apart_from) == archived(events, (), apart_from)


def test_in_bulk_and_at_once_the_archive_is_the_one_of_live_items_that_came_one_by_one() -> None:
    """Stories included; but for the mark that keeps mails away."""
    events = ITEMS + TOLD_AGAIN
    apart_from = DATABASE_TIMES | {"place", "entered_in_bulk"}
    in_bulk = archived([(e, Purpose.BACKFILL) for e in events], [len(events)], apart_from)
    assert in_bulk == archived([(e, Purpose.LIVE) for e in events], (), apart_from)


@cache
def told_once() -> Mapping[str, Sequence[str]]:
    """What every item and every verdict makes of an archive, each once and in order."""
    return archived([(e, Purpose.LIVE) for e in ITEMS] + [(e, Purpose.RECLASSIFY) for e in TAGS])


@cache
def without_verdicts() -> Mapping[str, Sequence[str]]:
    return archived([(e, Purpose.LIVE) for e in ITEMS])


@given(st.data())
@settings(max_examples=8)
def test_repetition_changes_nothing(data: st.DataObject) -> None:
    """The bus gives each item's events in order, and any stretch of them again."""
    events = [(e, Purpose.LIVE) for e in ITEMS] + [(e, Purpose.RECLASSIFY) for e in TAGS]
    repeated: list[tuple[ClassifiedItem, Purpose]] = []
    for at in range(len(events)):
        begin = data.draw(st.integers(max(0, at - 3), at))
        repeated += events[begin : at + 1]
    assert archived(repeated) == told_once()


@given(st.permutations(range(len(ITEMS))))
@settings(max_examples=8)
def test_items_may_overtake_one_another(order: Sequence[int]) -> None:
    """Any order in which the events of one item keep theirs gives the same archive."""
    by_item: dict[str, list[ClassifiedItem]] = {}
    for event in ITEMS:
        by_item.setdefault(event.item.item_id, []).append(event)
    shuffled = [by_item[ITEMS[at].item.item_id].pop(0) for at in order]
    assert archived([(e, Purpose.LIVE) for e in shuffled]) == without_verdicts()


@given(st.permutations(ITEMS[:3]), st.permutations(TAGS))
@settings(max_examples=10)
def test_whatever_the_order_the_newest_words_and_the_newest_verdict_on_them_count(
    stated: Sequence[ClassifiedItem], tagged: Sequence[ClassifiedItem]
) -> None:
    content = archived([(e, Purpose.LIVE) for e in stated] + [(e, Purpose.RECLASSIFY) for e in tagged])
    (row,) = content["items"]
    assert "'text': 'zwei'" in row
    assert "'published': '2026-03-02 13:00:00.000000'" in row
    assert "'model': 'm2'" in row
    (verdict,) = (verdict for verdict in content["verdicts"] if "'m2'" in verdict)
    assert "'classified_at': '2026-03-02 16:00:00.000000'" in verdict
