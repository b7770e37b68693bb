"""A damaged encoder of meaning is red until it is back, and stops nothing."""

from contextlib import closing
from pathlib import Path

from services.classifier.app import say_no_meaning
from services.classifier.meaning import damage, meant
from shared.config import Settings
from shared.telemetry.facts import Weight
from shared.telemetry.notices import notices
from tests.archived import a_collected
from tests.fakes import a_store


def test_damage_is_red_until_the_encoder_is_back(tmp_path: Path) -> None:
    with closing(a_store(tmp_path)) as store:
        for damaged in ("rows.npy is damaged", None):
            say_no_meaning(Settings(instance="box"), store, damaged)
            with store.reading() as session:
                found = [(each.key, each.weight, each.reason) for each in notices(session)]
            assert found == ([("meaning.damaged:box", Weight.RED, damaged)] if damaged else [])


def test_the_shipped_encoder_is_whole_and_says_what_items_mean() -> None:
    assert damage() is None
    said = meant(a_collected())
    assert said is not None
    assert said.version == "use-1"
