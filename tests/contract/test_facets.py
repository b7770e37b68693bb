"""What a query finds is counted by every field and over time, on both databases, as if each item was looked at."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from sqlmodel import Session, select

from shared.archive.facets import By, Trend, facets, trend
from shared.archive.found import FoundItem
from shared.archive.search import search
from shared.archive.tables import ItemRow
from shared.archive.tallies import BANDS
from shared.query.match import millionths
from shared.store import Store
from shared.text.fold import name_key
from tests.contract.test_query import fill
from tests.queries import a_query
from tests.sizes import sizes

SINCE, UNTIL = date(2026, 1, 20), date(2026, 4, 10)


def values(item: FoundItem, country: str, by: By) -> Iterator[str]:
    """What an item counts for."""
    match by:
        case By.THEME:
            yield from item.themes
        case By.SOURCE:
            yield from item.sources
        case By.ORGANISATION:
            yield from map(name_key, item.organisations)
        case By.COUNTRY:
            yield from (country,) if country else ()
        case By.LANGUAGE:
            yield item.language
        case By.BAND:
            yield str(max(low for low in BANDS if millionths(item.sovereignty) >= millionths(low)))
        case By.MONTH:
            yield f"{item.day:%Y-%m}"


def countries(session: Session) -> dict[str, str]:
    return dict(session.exec(select(ItemRow.item_id, ItemRow.country)).all())


@sizes(30, 1_000)
def test_facets_count_what_the_query_finds(store: Store, dice: Random, size: int) -> None:
    fill(store, dice)
    with store.reading() as session:
        of = countries(session)
        for text in ["", *(a_query(dice) for _ in range(size))]:
            items = search(session, text).items
            counted = facets(session, text).counts
            for by in By:
                one_by_one = Counter(value for item in items for value in values(item, of[item.item_id], by))
                assert counted[by] == one_by_one, (text, by)
                assert list(counted[by].values()) == sorted(one_by_one.values(), reverse=True)


def test_of_many_hits_the_newest_are_counted_and_it_is_said(store: Store, dice: Random) -> None:
    fill(store, dice)
    with store.reading() as session:
        for text in ("netz", "theme:energy lang:de", "-is:call", "theme:energy OR theme:health"):
            found = search(session, text)
            newest = found.items[:30]
            counted = facets(session, text, (By.THEME, By.SOURCE), among=30)
            assert counted.of_newest == (set(counted.counts) if found.count > 30 else set()), text
            themes = Counter(theme for item in newest for theme in item.themes)
            sources = Counter(source for item in newest for source in item.sources)
            assert counted.counts == {By.THEME: themes, By.SOURCE: sources}, text
            assert not facets(session, text, among=len(found.items)).of_newest
        assert not facets(session, "theme:energy", among=3).of_newest


def test_a_trend_counts_over_time_and_leaves_no_bucket_out(store: Store, dice: Random) -> None:
    fill(store, dice)
    with store.reading() as session:
        of = countries(session)
        for text, by in [("", None), *((a_query(dice), by) for by in By)]:
            items = [item for item in search(session, text).items if SINCE <= item.day <= UNTIL]
            days = [(one.day, tuple(values(one, of[one.item_id], by)) if by else ()) for one in items]
            for step in ("day", "week", "month"):
                found = trend(session, text, by, since=SINCE, until=UNTIL, step=step)
                check_buckets(found, days, (text, by, step))


def check_buckets(found: Trend, days: Sequence[tuple[date, Sequence[str]]], asked: object) -> None:
    """Every item in the bucket of its day, for each of its values."""
    ends = (*found.starts[1:], UNTIL + timedelta(days=1))
    assert found.starts[0] <= SINCE, asked
    for at, (start, end) in enumerate(zip(found.starts, ends, strict=True)):
        here = [of_item for day, of_item in days if start <= day < end]
        assert found.counts[""][at] == len(here), asked
        counted = {value: some[at] for value, some in found.counts.items() if value and some[at]}
        assert counted == Counter(value for of_item in here for value in of_item), asked


def test_a_trend_of_nothing_is_zeros(store: Store) -> None:
    with store.reading() as session:
        found = trend(session, "zzz", By.THEME, since=SINCE, until=UNTIL)
    assert found.starts == (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1))
    assert found.counts == {"": (0, 0, 0, 0)}
