"""What is kept for a time only goes by the operator's rules, and what stays is right, on both databases."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlmodel import select

from services.archivist.keeping import Keeping
from shared.archive import search as reading
from shared.archive.expiry import BATCH, counts
from shared.archive.removal import Because, last_removal, refuse_removed, refuse_removed_story
from shared.archive.store import count_current, current_items, write
from shared.archive.stories import merge
from shared.archive.tables import GIVEN_UP, ItemMeaningRow, RevisionRow, VerdictRow
from shared.errors import Gone
from shared.items import Announced, Announcement, ClassifiedItem, Purpose, Reason
from shared.keep_rules import Rule, read_rules
from shared.sources.tables import SourceRow
from shared.store import Store
from tests.archived import NOON, a_classified, a_verdict, later
from tests.contract.test_removal import rows_that_hold
from tests.fakes import FakeClock

AGE = 40  # days that the items are old when the rules are kept to


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


def put(store: Store, *events: ClassifiedItem, at: float = 0) -> None:
    with store.writing() as session:
        for event in events:
            write(session, event, Purpose.LIVE, later(days=at))


def keep(store: Store, clock: FakeClock, rules: str, days: int = AGE) -> int:
    """A round of the rules, so many days after the items came."""
    clock.advance(days=days)
    keeping, gone = Keeping(store, rules_of(rules)), 0
    while done := keeping.step():
        gone += done
    return gone


def rules_of(written: str) -> Sequence[Rule]:
    return read_rules("keep_items", written)


def found(store: Store, query: str = "") -> set[str]:
    with store.reading() as session:
        page = reading.search(session, query)
    assert page.count == len(page.items)
    return {item.item_id for item in page.items}


def a_source(store: Store, id_: str, **fields: str) -> None:
    with store.writing() as session:
        session.add(SourceRow(id=id_, url=f"https://example.org/{id_}", **fields))


def test_without_a_rule_everything_stays(store: Store, clock: FakeClock) -> None:
    put(store, a_classified("one"))
    assert keep(store, clock, "", days=9_999) == 0
    assert found(store) == {"one"}


def test_days_count_from_when_it_came_and_not_from_its_date(store: Store, clock: FakeClock) -> None:
    put(store, a_classified("old", published=NOON - timedelta(days=4_000)), a_classified("new"), at=20)
    put(store, a_classified("gone"))
    assert keep(store, clock, "item 30") == 1
    assert found(store) == {"old", "new"}


def test_the_first_rule_that_fits_counts(store: Store, clock: FakeClock) -> None:
    a_source(store, "presse", licence="personal use only", kind="feed")
    a_source(store, "brief", kind="mailbox")
    a_source(store, "frei", licence="CC BY 4.0", kind="feed")
    put(store, *(a_classified(id_, source=id_) for id_ in ("presse", "brief", "frei", "eingelesen", "dfki")))
    rules = "item forever source:dfki; item 30 licence:reserved; item 30 kind:mailbox; item 30 kind:import"
    with store.reading() as session:
        told = counts(session, rules_of(rules), later(days=AGE))
    assert told == {"item": {"brief": 1, "eingelesen": 1, "presse": 1}, "text": {}}
    assert keep(store, clock, rules) == 3
    assert found(store) == {"frei", "dfki"}


def test_an_item_that_goes_leaves_nothing_but_the_reason(store: Store, clock: FakeClock) -> None:
    events = [a_classified(id_, title=f"Zitronenfalter {id_}", text="Zitronenfalter") for id_ in ("a", "b")]
    put(store, *events)
    put(store, a_classified("stays"), at=AGE)
    with store.writing() as session:
        merge(session, ["a", "b"], NOON)
        merge(session, ["a", "stays"], NOON)
    assert keep(store, clock, "item 30") == 2
    with store.reading() as session:
        assert rows_that_hold(session, "Zitronenfalter", "zitron") == []
        with pytest.raises(Gone) as gone:
            refuse_removed(session, "a")
        assert (gone.value.reason, last_removal(session)) == (Because.TIME, later(days=AGE))
        assert [item.item_id for item in reading.story(session, "a")] == ["stays"]
        assert reading.counts_by_theme(session) == {"energy": 1}
    put(store, *events, at=AGE)  # a poll, an import, a replay
    assert found(store) == {"stays"}
    assert keep(store, clock, "item 30") == 1
    with store.reading() as session, pytest.raises(Gone):
        refuse_removed_story(session, "stays")


def test_of_a_text_that_goes_title_summary_and_tags_stay(store: Store, clock: FakeClock) -> None:
    verdict = a_verdict(
        reasons=tuple(Reason(label="energy", passage=said, weight=0.5) for said in ("Schmetterling", "Netz")),
        announced=(Announced(kind=Announcement.CALL, day=NOON.date(), passage="bis März, Schmetterlinge"),),
    )
    words = {"title": "Netz", "summary": "Ein Netz wächst.", "verdict": verdict}
    put(store, a_classified("one", text="Schmetterlinge fliegen.", **words))
    put(store, a_classified("one", text="Schmetterlinge schlafen.", fetched_at=later(days=1), **words), at=1)
    with store.writing() as session:
        row = ItemMeaningRow(item=1, content_hash="h", version="v", title=b"", text=b"")
        session.add(row)
    assert found(store, "Schmetterlinge") == {"one"}
    assert keep(store, clock, "text 30") == 1
    assert found(store, "Schmetterlinge") == set()
    assert found(store, "Netz theme:energy is:call") == {"one"}
    with store.reading() as session:
        assert rows_that_hold(session, "schmetterling") == []
        item = reading.item(session, "one")
        assert item is not None
        assert (item.text, item.text_missing, item.summary) == ("", GIVEN_UP, "Ein Netz wächst.")
        assert [each.passage for each in item.reasons] == ["Netz"]
        assert len(session.exec(select(RevisionRow)).all()) == 1
        assert session.exec(select(ItemMeaningRow)).all() == []
        assert last_removal(session) == later(days=AGE)
        assert (current_items(session), count_current(session), count_current(session, whole=True)) == ((), 1, 0)
    assert keep(store, clock, "text 30") == 0


def test_a_text_without_a_summary_leaves_its_first_words(store: Store, clock: FakeClock) -> None:
    a_source(store, "presse", licence="personal use only")
    put(store, a_classified("one", source="presse", text="Das Netz wächst und " + "wächst " * 400 + "Ende."))
    keep(store, clock, "text 30")
    with store.reading() as session:
        item = reading.item(session, "one")
    assert item is not None
    assert item.summary.startswith("Das Netz wächst und wächst")
    assert len(item.summary) <= 120


def test_a_text_that_comes_again_is_not_taken_and_a_new_one_goes_the_next_day(
    store: Store, clock: FakeClock
) -> None:
    put(store, a_classified("one", text="Schmetterlinge fliegen."))
    keep(store, clock, "text 30")
    put(store, a_classified("one", text="Schmetterlinge fliegen.", fetched_at=later(days=AGE)), at=AGE)
    assert found(store, "Schmetterlinge") == {"one"}  # by its first words
    with store.reading() as session:
        assert reading.item(session, "one").text == ""  # type: ignore[union-attr]
    put(store, a_classified("one", text="Käfer krabbeln.", fetched_at=later(days=AGE + 1)), at=AGE + 1)
    assert found(store, "Käfer") == {"one"}
    assert keep(store, clock, "text 30", days=2) == 1
    with store.reading() as session:
        assert reading.item(session, "one").text == ""  # type: ignore[union-attr]
        assert {row.model for row in session.exec(select(VerdictRow)).all()} == {"lexicon-1"}


def test_a_round_goes_on_until_all_is_gone_a_few_at_a_time(store: Store, clock: FakeClock) -> None:
    put(store, *(a_classified(f"i{number}") for number in range(BATCH + 3)))
    clock.advance(days=AGE)
    keeping = Keeping(store, rules_of("item 30"))
    assert [keeping.step(), keeping.step(), keeping.step()] == [BATCH, 3, 0]
    assert found(store) == set()
