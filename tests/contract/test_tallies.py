"""Items are counted as they are written: whatever was done to them, tallies say what counting anew would."""

from collections import Counter
from datetime import date
from random import Random

import pytest
from sqlalchemy import delete, select
from sqlmodel import Session, col

from services.archivist.incoming import incoming
from services.archivist.write import take_over
from shared.archive import recount
from shared.archive.corrections import correct
from shared.archive.course import begun_since, course
from shared.archive.facets import By, facets, trend
from shared.archive.holdings import load
from shared.archive.removal import Because, remove
from shared.archive.search import search
from shared.archive.store import write
from shared.archive.tables import ItemRow, TallyRow
from shared.archive.tallied import MEMO, is_counted
from shared.archive.tallies import Key, facts, keys
from shared.items import ClassifiedItem, Purpose
from shared.store import Store, memos
from tests.archived import NOON, a_classified, a_verdict, later, live
from tests.contract.test_facets import check_buckets, countries, values
from tests.contract.test_query import fill
from tests.queries import a_moment, some_tags
from tests.sizes import sizes

SINCE, UNTIL = date(2026, 1, 20), date(2026, 4, 10)
TOLD = (  # queries that tallies answer, and a few beside them that they do not
    *("", "theme:energy", "source:dfki", "country:DE", "lang:de", "lang:de OR lang:fr", "country:DE country:FR"),
    *("sovereignty:>=0.5", "sovereignty:>=0.2 sovereignty:<0.8", "-sovereignty:>=0.5", "source:DFKI"),
    *("(sovereignty:>=0.2 sovereignty:<0.5) OR sovereignty:>=0.8", "-(sovereignty:>=0.2 sovereignty:<0.8)"),
    *("after:2026-03", "before:2026-03-15", "date:2026-03", "theme:health after:2026-02-15 before:2026-03-20"),
    *("after:2026-03-10 before:2026-03-12", "after:2026-04 before:2026-03", "lang:de date:2026-02..2026-03"),
    *("theme:energy OR theme:health", "theme:energy theme:ai", "theme:energy lang:de", "-theme:energy", "netz"),
)


def tallies(session: Session) -> dict[Key, int]:
    columns = (col(getattr(TallyRow, name)) for name in (*Key._fields, "items"))
    return {Key(*row[:-1]): row[-1] for row in session.execute(select(*columns)) if row[-1]}


def counted_anew(session: Session) -> Counter[Key]:
    ids = session.execute(select(col(ItemRow.item_id))).scalars().all()
    return Counter(key for held in load(session, ids).values() for key in keys(facts(held.row, held.sources)))


def an_event(dice: Random, number: int) -> ClassifiedItem:
    """One of thirty items as one of two sources has it now, in one of several states."""
    return a_classified(
        str(dice.randrange(30)),
        verdict=some_tags(dice, dice.choice(["de", "fr", "en"])),
        at=later(minutes=number),
        source=dice.choice(["dfki", "inria"]),
        country=dice.choice(["DE", "fr", ""]),
        text=dice.choice(["Netz", "Strom", "Netz und Strom"]),
        published=a_moment(dice),
        fetched_at=later(minutes=number),
    )


@sizes(60, 2_000)
def test_after_any_series_of_writes_tallies_are_what_counting_anew_says(
    store: Store, dice: Random, size: int
) -> None:
    for number in range(size):
        kind = dice.random()
        with store.writing() as session:
            known = session.execute(select(col(ItemRow.item_id))).scalars().all()
            if kind < 0.1 and known:
                remove(session, dice.choice(known), Because.REQUEST, later(minutes=number))
            elif kind < 0.2 and known:
                said = {dice.choice(["energy", "ai", "sovereignty"]): dice.choice([0.0, 0.6, 1.0])}
                correct(session, dice.choice(known), said, later(minutes=number))
            else:
                purpose = dice.choice([Purpose.LIVE, Purpose.BACKFILL, Purpose.RECLASSIFY])
                write(session, an_event(dice, number), purpose, later(minutes=number))
    with store.reading() as session:
        assert tallies(session) == counted_anew(session)


def test_they_answer_as_if_each_item_was_looked_at(store: Store, dice: Random) -> None:
    fill(store, dice)
    with store.reading() as session:
        of = countries(session)
        assert is_counted(session)
        for text in TOLD:
            items = search(session, text).items
            counted = facets(session, text).counts
            for by in By:
                one_by_one = Counter(value for item in items for value in values(item, of[item.item_id], by))
                assert counted[by] == one_by_one, (text, by)
            for by in (None, *By):
                within = [item for item in items if SINCE <= item.day <= UNTIL]
                days = [(one.day, tuple(values(one, of[one.item_id], by)) if by else ()) for one in within]
                step = dice.choice(["day", "week", "month", "month"])
                found = trend(session, text, by, since=SINCE, until=UNTIL, step=step)
                check_buckets(found, days, (text, by, step))


@pytest.fixture
def uncounted(store: Store) -> Store:
    """An archive that a program filled which knew no tallies."""
    with store.writing() as session:
        for number in range(recount.BATCH + 20):
            write(session, a_classified(f"i{number}", published=later(days=number % 40)), Purpose.LIVE, NOON)
        session.execute(delete(TallyRow))
        session.execute(delete(memos.MemoRow).where(col(memos.MemoRow.name) == MEMO))
    return store


def test_what_nobody_counted_is_counted_beside_the_work(uncounted: Store) -> None:
    with uncounted.writing() as session:
        write(session, a_classified("early"), Purpose.LIVE, NOON)
        assert tallies(session) == {}
    assert recount.step(uncounted) == recount.BATCH
    with uncounted.writing() as session:
        assert not is_counted(session)
        assert recount.left(session) == 21
        assert facets(session, "", [By.THEME]).counts == {By.THEME: {"energy": recount.BATCH + 21}}
        write(session, a_classified("new"), Purpose.LIVE, NOON)
        changed = a_verdict(themes=("ai",))
        for item in ("new", "i0", f"i{recount.BATCH + 10}"):  # counted, not counted yet, counted
            write(session, a_classified(item, verdict=changed, at=later(hours=1)), Purpose.LIVE, NOON)
        remove(session, "i1", Because.REQUEST, NOON)
        remove(session, "early", Because.REQUEST, NOON)
    assert recount.step(uncounted) == 20
    assert recount.step(uncounted) == 0
    with uncounted.reading() as session:
        assert is_counted(session)
        assert tallies(session) == counted_anew(session)


def test_a_program_of_old_that_wrote_in_between_is_noticed(store: Store) -> None:
    with store.writing() as session:
        for number in range(3):
            write(session, a_classified(f"i{number}"), Purpose.LIVE, NOON)
        session.execute(delete(TallyRow).where(col(TallyRow.field) == ""))  # as if they had not been counted
    assert recount.step(store) == 3
    with store.reading() as session:
        assert tallies(session) == counted_anew(session)


def test_a_new_archive_waits_for_nothing(store: Store) -> None:
    assert recount.step(store) == 0
    with store.reading() as session:
        assert is_counted(session)


def test_an_archivist_counts_a_batch_at_its_end(store: Store) -> None:
    batch = [incoming(record) for record in live(*(a_classified(f"i{number}") for number in range(3)))]
    with store.writing() as session:
        take_over(session, batch, NOON)
    with store.reading() as session:
        assert tallies(session) == counted_anew(session)


def test_the_ends_of_the_calendar_are_days_like_others(store: Store) -> None:
    with store.writing() as session:
        write(session, a_classified("i1"), Purpose.LIVE, NOON)
    since, until = date(9999, 1, 1), date.max
    with store.reading() as session:
        for text in ("after:9999-12-15", "before:0001-01-01", "before:0001-01-20", "theme:energy after:9999-12"):
            assert facets(session, text, (By.THEME, By.SOURCE)).counts == {By.THEME: {}, By.SOURCE: {}}, text
        for text in ("", "theme:energy", "Netz", "after:9999-12-15", "before:0001-01-01"):
            assert sum(course(session, text, By.THEME, since=since, until=until, step="month").counts) == 0
            assert sum(trend(session, text, None, since=since, until=until, step="week").counts[""]) == 0


def test_what_began_meanwhile_is_marked(store: Store) -> None:
    with store.writing() as session:
        for number, (source, days) in enumerate([("dfki", 0), ("dfki", 40), ("inria", 35), ("cea", 70)]):
            model = "one" if days < 40 else "two"
            event = a_classified(
                f"i{number}", source=source, published=later(days=days), verdict=a_verdict(model=model)
            )
            write(session, event, Purpose.LIVE, NOON)
    since, until = date(2026, 3, 2), date(2026, 4, 30)
    with store.reading() as session:
        found = course(session, "Netz", None, since=since, until=until, step="month")
        assert {(mark.name, mark.start) for mark in found.marks} == {
            ("inria", date(2026, 4, 1)),
            ("two", date(2026, 4, 1)),
        }
        assert begun_since(session, date(2026, 4, 7)) == ("cea",)
        assert course(session, "Wolken", None, since=since, until=until, step="month").sources == (1, 2)
