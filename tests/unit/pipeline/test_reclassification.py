"""Another model over the archive, through all stages: verdicts change, people's words stay, nobody gets a mail."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.cli.handing_over import PAGE, Wanted, count, hand_over_outdated
from shared.archive.corrections import correct
from shared.archive.store import archived_item
from shared.archive.stories import LOCK
from shared.items import CollectedItem, Verdict
from tests.archived import a_collected
from tests.fakes import a_store
from tests.unit.pipeline.world import WordModel, World

WORDS = ("Leuchtturm bekommt eine neue Lampe aus Glas", "Hafen vertieft die Fahrrinne um einen Meter", "Fischerei")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Three live items, of which the first model tagged one, and the mail about it."""
    template = tmp_path / "template"
    a_store(template).close()
    with closing(World(tmp_path, template / "vigie.db", [])) as world:
        for item in items():
            world.collect(item)
        world.run()
        assert len(world.post.taken) == 1
        yield world


def items() -> list[CollectedItem]:
    return [a_collected(str(n), title=title, text=f"Meldung über {title}.") for n, title in enumerate(WORDS)]


def reclassify(world: World, folder: Path) -> int:
    wanted = Wanted(unless=world.model.name)
    return hand_over_outdated(world.store, world.bus, world.clock, wanted, folder / "kept.json", lambda _: None)


def verdict(world: World, item_id: str) -> Verdict:
    with world.store.reading() as session:
        item = archived_item(session, item_id)
    assert item is not None
    return item.verdict


def test_a_new_model_tags_the_archive_again_and_mails_nobody(world: World, tmp_path: Path) -> None:
    world.model = WordModel("word-2", word="Hafen")
    world.clock.advance(hours=1)
    assert reclassify(world, tmp_path) == 3 < PAGE
    world.run()
    assert [verdict(world, item).themes for item in "012"] == [(), ("energy",), ()]
    assert {verdict(world, item).model for item in "012"} == {"word-2"}
    assert len(world.post.taken) == 1  # the harbour is tagged now, and a subscription asks for it: still no mail
    assert (count(world.store, Wanted(unless="word-2")), reclassify(world, tmp_path)) == (0, 0)


def test_what_a_person_corrected_stays_and_is_never_mailed(world: World, tmp_path: Path) -> None:
    world.clock.advance(hours=1)
    with world.store.writing() as session:
        world.store.serialise(session, LOCK)
        correct(session, "0", {"energy": 0.0}, world.clock.now())
        correct(session, "2", {"energy": 1.0}, world.clock.now())
    world.run()
    world.model = WordModel("word-2")
    world.clock.advance(hours=1)
    reclassify(world, tmp_path)
    for item in items():  # the source tells of them once more, live
        world.collect(item)
    world.run()
    assert [verdict(world, item).themes for item in "012"] == [(), (), ("energy",)]
    assert {verdict(world, item).model for item in "012"} == {"word-2"}
    assert len(world.post.taken) == 1
