"""When what a query finds last came or got other words: as if every hit was looked at, on both databases."""

from datetime import timedelta
from random import Random

from sqlmodel import Session, col, select, update

from shared.archive.changes import newest_change
from shared.archive.search import search
from shared.archive.tables import ItemRow
from shared.store import Store
from tests.archived import NOON
from tests.contract.test_query import fill
from tests.queries import a_query


def test_it_is_that_of_the_newest_hit(store: Store, dice: Random) -> None:
    fill(store, dice)
    with store.writing() as session:
        _come_and_are_revised(session, dice)
    with store.reading() as session:
        changes = dict(session.exec(select(ItemRow.item_id, ItemRow.revised_at)).all())
        for text in ["", "netz", "theme:energy", *(a_query(dice) for _ in range(20))]:
            newest = max((changes[item.item_id] for item in search(session, text).items), default=None)
            for among in (1, 4, 20, 100):
                assert newest_change(session, text, among=among) == newest, (text, among)


def _come_and_are_revised(session: Session, dice: Random) -> None:
    """At moments of their own, some of them the same; every third is revised, at times before others came."""
    for number in session.exec(select(ItemRow.id)).all():
        came = NOON + timedelta(minutes=dice.randrange(60))
        later, revision = (timedelta(minutes=dice.randrange(90)), 2) if dice.random() < 1 / 3 else (timedelta(), 1)
        values = {"first_seen": came, "revised_at": came + later, "revision": revision}
        session.execute(update(ItemRow).where(col(ItemRow.id) == number).values(**values))
