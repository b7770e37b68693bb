"""The classifier's stage: collected items in, classified items out, on the lane of their purpose."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.classifier.app import build
from services.classifier.classify import handler
from shared.bus import BULK, CLASSIFIED, COLLECTED, Message, Record
from shared.bus.sqlite import SqliteBus
from shared.config import Settings
from shared.errors import Unprocessable
from shared.events import decode, encode
from shared.items import ClassifiedItem, Purpose
from shared.meaning.encoder import the_encoder
from shared.meaning.kept import Vectors
from tests.archived import a_collected
from tests.fakes import FakeClock, a_store
from tests.unit.classifier.texts import lexicon

CLOCK = FakeClock(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))


def a_record(purpose: Purpose = Purpose.LIVE, **fields: str) -> Record:
    message = encode(a_collected(**fields), purpose=purpose, stage="collector", now=CLOCK.now())
    return Record(COLLECTED, 0, 0, CLOCK.now(), message)


@pytest.mark.parametrize(
    ("purpose", "topic"),
    [
        (Purpose.LIVE, CLASSIFIED),
        (Purpose.BACKFILL, CLASSIFIED + BULK),
        (Purpose.RECLASSIFY, CLASSIFIED + BULK),
    ],
)
def test_only_live_items_take_the_live_lane(purpose: Purpose, topic: str) -> None:
    outcome = handler(lexicon(), CLOCK)([a_record(purpose)])
    assert [where for where, _ in outcome.publish] == [topic]


def test_an_item_leaves_with_its_verdict_and_its_trace() -> None:
    record = a_record(title="Windpark liefert Strom", text="Der Netzbetreiber nimmt ihn ab.")
    ((topic, message),) = handler(lexicon(), CLOCK)([record]).publish
    classified, purpose = decode(Record(topic, 0, 0, CLOCK.now(), message), ClassifiedItem)
    assert purpose is Purpose.LIVE
    assert classified.item.title == "Windpark liefert Strom"
    assert classified.verdict.themes == ("energy",)
    assert classified.classified_at == CLOCK.now()
    trace = record.message.headers["traceparent"].split("-")[1]
    assert message.headers["traceparent"].split("-")[1] == trace
    assert "vigie-collector" in message.headers


def classified(record: Record, **how) -> ClassifiedItem:
    ((topic, message),) = handler(lexicon(), CLOCK, **how)([record]).publish
    return decode(Record(topic, 0, 0, CLOCK.now(), message), ClassifiedItem)[0]


def test_an_item_leaves_with_what_it_means_whichever_model_tags() -> None:
    found = classified(a_record(title="Windpark liefert Strom", text="Der Netzbetreiber nimmt ihn ab.")).meaning
    assert found is not None
    assert Vectors.of(found) == the_encoder().of_item("Windpark liefert Strom", "Der Netzbetreiber nimmt ihn ab.")


def test_an_item_whose_meaning_nobody_can_say_goes_on_without() -> None:
    assert classified(a_record(), meant=lambda _: None).meaning is None


def test_a_record_that_is_no_item_is_unprocessable() -> None:
    sick = Record(COLLECTED, 0, 0, CLOCK.now(), Message("one", b"{}"))
    with pytest.raises(Unprocessable):
        handler(lexicon(), CLOCK)([sick])


def test_the_service_reads_what_the_collector_writes(tmp_path: Path) -> None:
    with closing(SqliteBus(tmp_path / "bus.db", CLOCK)) as bus, closing(a_store(tmp_path)) as store:
        service = build(Settings(data_dir=tmp_path), store, bus, CLOCK)
        assert service.name == "classifier"
        assert [loop.name for loop in service.loops] == ["classifier"]
