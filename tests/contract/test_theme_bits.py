"""Themes stand as one number beside an item's place, and are looked up where that is missing."""

from collections.abc import Mapping
from datetime import date
from random import Random

from sqlalchemy import text
from sqlmodel import Session, col, select, update

from shared.archive import theme_bits
from shared.archive.facets import By, Trend, facets, trend
from shared.archive.tables import ItemRow, PlaceRow
from shared.store import Store
from shared.store.migrate import build
from shared.themes import themes
from tests.contract.test_query import fill

SINCE, UNTIL = date(2026, 1, 20), date(2026, 4, 10)


def test_every_theme_has_a_bit_of_its_own() -> None:
    assert set(themes()) <= set(theme_bits.ORDER)
    assert sorted(theme_bits.BITS.values()) == [1 << at for at in range(len(theme_bits.ORDER))]
    assert theme_bits.bits(["energy", "industry40"]) == 0b101
    assert theme_bits.bits([]) == 0
    assert theme_bits.bits(["energy", "a theme of somebody else's"]) is None


def test_what_is_written_has_its_number(store: Store, dice: Random) -> None:
    fill(store, dice)
    with store.reading() as session:
        both = select(ItemRow.themes, PlaceRow.themes).join(PlaceRow, col(PlaceRow.item) == col(ItemRow.id))
        assert all(theme_bits.bits(said) == kept for said, kept in session.exec(both))


def test_without_the_numbers_the_same_is_counted(store: Store, dice: Random) -> None:
    """A program from before writes none."""
    fill(store, dice)
    asked = ("netz", "netz -lang:de", "(netz OR theme:energy) country:DE")
    with store.writing() as session:
        before = [_counted(session, query) for query in asked]
        assert any(sum(counts.counts[""]) for counts, _ in before)
        session.execute(update(PlaceRow).where(col(PlaceRow.item) % 3 == 0).values(themes=None))
        assert [_counted(session, query) for query in asked] == before
        session.execute(update(PlaceRow).values(themes=None))
        assert [_counted(session, query) for query in asked] == before


def _counted(session: Session, query: str) -> tuple[Trend, Mapping[By, Mapping[str, int]]]:
    over_time = trend(session, query, By.THEME, since=SINCE, until=UNTIL)
    return over_time, facets(session, query, (By.THEME,), among=40).counts


def test_an_archive_from_before_gets_them_with_the_column(store: Store, dice: Random) -> None:
    fill(store, dice)
    with store.writing() as session:
        numbers = select(PlaceRow.item, PlaceRow.themes).order_by(col(PlaceRow.item))
        before = session.exec(numbers).all()
        session.execute(text("ALTER TABLE item_places DROP COLUMN themes"))
        session.execute(text("DROP INDEX items_revised"))
        session.execute(text("UPDATE alembic_version SET version_num = '0042'"))
        build(session.connection(), "0043")
        assert session.exec(numbers).all() == before
