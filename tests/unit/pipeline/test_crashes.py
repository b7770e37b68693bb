"""Crashes between any two steps, redelivery, reordering: nothing lost, doubled only what the ledger counts."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from shared.items import CollectedItem, Purpose
from tests.archived import a_collected, later
from tests.fakes import a_store
from tests.sizes import sizes
from tests.unit.pipeline.world import World

TITLES = (
    "Leuchtturm an der Elbe bekommt eine neue Lampe aus Glas",
    "Leuchtturm in der Bretagne wird zum Museum für Seezeichen",
    "Hafen an der Weser vertieft die Fahrrinne um einen Meter",
    "Fischer im Norden fangen wieder mehr Hering als im Vorjahr",
)


@dataclass(frozen=True)
class Said:
    """What a source publishes: an item number (its title), a version of the text, how often the event arrives."""

    item: int
    version: int
    source: str
    purpose: Purpose
    times: int

    def event(self, order: int) -> CollectedItem:
        return a_collected(
            f"{self.source}-{self.item}",
            source=self.source,
            title=TITLES[self.item],
            text=f"Fassung {self.version} der Meldung Nummer {self.item}.",
            fetched_at=later(minutes=self.version),
            published=later(seconds=order),
        )

    @property
    def item_id(self) -> str:
        return f"{self.source}-{self.item}"


said = st.builds(
    Said,
    item=st.integers(0, len(TITLES) - 1),
    version=st.integers(1, 3),
    source=st.sampled_from(["dfki", "inria"]),
    purpose=st.sampled_from([Purpose.LIVE, Purpose.LIVE, Purpose.BACKFILL]),
    times=st.integers(1, 2),
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with the schema, copied for every example."""
    folder = tmp_path_factory.mktemp("template")
    a_store(folder).close()
    return folder / "vigie.db"


# Two deaths at most: the third on one record makes it a dead letter, which is a rule of its own. No shrinking: a
# failure prints its few events anyhow.
@sizes(12, 1000)
def test_whatever_dies_when_archive_and_ledger_end_complete(template: Path, size: int) -> None:
    @settings(max_examples=size, phases=[Phase.explicit, Phase.reuse, Phase.generate])
    @given(publications=st.lists(said, min_size=1, max_size=8), fuses=st.lists(st.integers(0, 60), max_size=2))
    def some_die(publications: list[Said], fuses: list[int]) -> None:
        with (
            TemporaryDirectory(dir=template.parent) as folder,
            closing(World(Path(folder), template, fuses)) as world,
        ):
            for order, each in enumerate(publications):
                world.collect(each.event(order), each.purpose, times=each.times)
            world.run()
            check_archive(world, publications)
            check_ledger(world, publications)

    some_die()


def check_archive(world: World, publications: list[Said]) -> None:
    """Every item once, in the newest state that its source published, and nothing among the dead letters."""
    newest = {
        each.item_id: max(o.version for o in publications if o.item_id == each.item_id) for each in publications
    }
    assert sorted(row.item_id for row in world.items()) == sorted(newest)
    assert {row.item_id: int(row.text.split()[1]) for row in world.items()} == newest
    assert world.dead() == 0


def check_ledger(world: World, publications: list[Said]) -> None:
    """One mail per story, sent; a second copy only where the ledger counts the send as unknown."""
    deliveries, copies = world.deliveries(), world.copies()
    assert all(row.state == "sent" for row in deliveries)
    assert set(copies) == {row.id for row in deliveries}
    for row in deliveries:
        assert copies[row.id] - 1 <= row.unknown
    assert len({match.story for match in world.matches()}) == len(world.matches()) == len(deliveries)
    entered = {row.item_id: row.entered_in_bulk for row in world.items()}
    news = {each.item for each in publications if each.item < 2 and not entered[each.item_id]}
    assert len(deliveries) == len(news)  # both sources with the same release make one story


def test_without_a_crash_no_mail_doubles(tmp_path: Path, template: Path) -> None:
    with closing(World(tmp_path, template, [])) as world:
        for order in range(4):
            world.collect(Said(order, 1, "dfki", Purpose.LIVE, 2).event(order))
        world.run()
        assert sorted(world.copies().values()) == [1, 1]
        assert [row.unknown for row in world.deliveries()] == [0, 0]


def test_a_death_after_the_relay_took_the_mail_doubles_it_under_the_same_id_and_says_so(
    tmp_path: Path, template: Path
) -> None:
    with closing(World(tmp_path, template, [], dies_at="mail handed over")) as world:
        world.collect(Said(0, 1, "dfki", Purpose.LIVE, 1).event(0))
        world.run()
        (delivery,) = world.deliveries()
        assert world.deaths == 1
        assert world.copies()[delivery.id] == 2
        assert delivery.unknown == 1
