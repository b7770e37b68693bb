"""The same query finds the same items, asked of the archive in SQL or of one item after the other."""

from collections.abc import Sequence
from random import Random

import pytest
from sqlalchemy import select
from sqlmodel import Session, col
from sqlmodel import select as select_row

from shared.archive import spikes
from shared.archive.rows import number
from shared.archive.search import search
from shared.archive.store import archived_item, write
from shared.archive.tables import ItemRow
from shared.items import Purpose, Spike
from shared.query.match import Document, document_of, predicate
from shared.query.sql import condition
from shared.query.syntax import LONGEST, MOST, parse
from shared.store import Store
from tests.archived import NOON, a_classified, later
from tests.queries import WORDS, a_moment, a_query, a_text, some_tags
from tests.sizes import sizes

ITEMS = 100


def _add(session: Session, random: Random, item_id: str) -> None:
    language = random.choice(list(WORDS))
    classified = a_classified(
        item_id,
        verdict=some_tags(random, language),
        source=random.choice(["dfki", "inria"]),
        country=random.choice(["DE", "FR", ""]),
        title=a_text(random, language, 6),
        summary=a_text(random, language, 5),
        text=a_text(random, language, 30),
        published=a_moment(random),
    )
    write(session, classified, Purpose.LIVE, NOON)
    if random.random() < 0.2:
        row = session.exec(select_row(ItemRow).where(ItemRow.item_id == item_id)).one()
        spikes.keep(session, number(row), Spike(kind="theme", value="energy", found=9, usual=2.0), NOON)
    if random.random() < 0.3:
        seen = classified.item.model_copy(update={"source": "inria", "fetched_at": later(hours=1)})
        write(session, classified.model_copy(update={"item": seen}), Purpose.LIVE, later(hours=1))


def fill(store: Store, random: Random) -> Sequence[tuple[str, Document]]:
    """Random items in the archive, every third of them seen at two sources; and the same as documents."""
    with store.writing() as session:
        for number in range(ITEMS):
            _add(session, random, str(number))
        found = [archived_item(session, str(number)) for number in range(ITEMS)]
    return [(item.item_id, document_of(item)) for item in found if item]


@sizes(150, 10_000, seconds=3600)  # some 15 ms of the processor each; a busy machine takes ten times as long
def test_sql_and_matcher_find_the_same_items(store: Store, dice: Random, size: int) -> None:
    documents = fill(store, dice)
    hits = 0
    with store.reading() as session:
        for text in [a_query(dice) for _ in range(size)]:
            query = parse(text)
            by_sql = set(session.execute(select(col(ItemRow.item_id)).where(condition(query))).scalars())
            holds = predicate(query.node)
            one_by_one = {item_id for item_id, document in documents if holds(document)}
            assert by_sql == one_by_one, text
            found = search(session, text)
            assert ({item.item_id for item in found.items}, found.count) == (one_by_one, len(one_by_one)), text
            hits += 0 < len(by_sql) < ITEMS
    assert hits > size / 4  # the comparison is about something


@pytest.mark.parametrize(
    "text",
    [
        "KI-Kompetenzzentren",
        "C++",
        "4.0",
        "DFKI/Inria",
        '"open quote',
        "a OR",
        "x' OR 1=1 --",
        "NEAR(a b)",
        "a:* ^b",
        "a\x00b",
    ],
)
def test_no_sign_of_a_query_reaches_the_search_engine(store: Store, text: str) -> None:
    with store.reading() as session:
        session.execute(select(col(ItemRow.id)).where(condition(parse(text)))).all()
        search(session, text, limit=1)


@pytest.mark.parametrize(
    "leaf", ["-a{}", "a{} OR", "theme:ai OR", "(a{} -b) OR", "(a{} OR lang:de)", '"a b{}" OR', "a{}*"]
)
def test_the_largest_queries_that_are_allowed_run(store: Store, leaf: str) -> None:
    text = " ".join(leaf.format(number) for number in range(MOST // (1 + leaf.count(" ") // 2)))[:LONGEST]
    with store.reading() as session:
        session.execute(select(col(ItemRow.id)).where(condition(parse(text)))).all()
        search(session, text, limit=1)
