"""What finds more than is counted gives the same pages, by whichever way they are found, on both databases."""

from random import Random

import pytest

from shared.archive import places_found
from shared.archive.places_found import Order, Wanted
from shared.query.plan import plan
from shared.query.syntax import parse
from shared.store import Store
from tests.contract.test_query import fill
from tests.queries import a_query

ORDERS: tuple[Order, ...] = ("newest", "oldest")


def test_pages_of_what_is_frequent_are_those_of_all(
    store: Store, dice: Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, dice)
    for text in ("netz", "theme:energy OR theme:health", "netz -lang:de", *(a_query(dice) for _ in range(12))):
        wanted = plan(parse(text))
        with store.reading() as session:
            every = sorted(session.execute(places_found.every(session, wanted)).scalars())
            monkeypatch.setattr(places_found, "COUNT_CAP", 3)
            monkeypatch.setattr(places_found, "NEAR", 6)
            for order in ORDERS:
                for limit in (1, 2, 5, 7, 20, 200, None):
                    behind = dice.choice([None, *every])
                    asked = Wanted(order, behind, limit)
                    found = places_found.places(session, wanted, asked)
                    left = [place for place in every if behind is None or _is_behind(order, place, behind)]
                    assert list(found) == (left[::-1] if order == "newest" else left)[:limit], (text, asked)
            monkeypatch.undo()


def _is_behind(order: Order, place: int, behind: int) -> bool:
    return place < behind if order == "newest" else place > behind
