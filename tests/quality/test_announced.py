"""Calls and events in real texts, against what a reader saw in them before the code was written."""

import gzip
import json
from datetime import date

import pytest

from services.classifier.announced.announce import announced
from services.classifier.training.material import DATA, POOL
from tests.quality.sets import SHARED

PRECISION, RECALL = 0.9, 0.75  # of days; seen: .96 and .83


@pytest.mark.skipif(not SHARED.exists(), reason="no ../shared here")
def test_days_of_calls_and_events_are_right_and_mostly_found() -> None:
    labels = dict(read_labels())
    right = said = there = 0
    with gzip.open(SHARED / "labels" / POOL, "rt", encoding="utf-8") as lines:
        for found in map(json.loads, lines):
            if (label := labels.get(found["id"])) and found["date"]:
                told = announced(found["title"], found["text"], date.fromisoformat(found["date"]))
                days = {each.kind.value: each.day.isoformat() for each in told if each.day}
                right += sum(label[kind] == day for kind, day in days.items())
                said += len(days)
                there += sum(day not in "-?" for day in label.values())
    assert right / said >= PRECISION
    assert right / there >= RECALL


def read_labels() -> list[tuple[str, dict[str, str]]]:
    rows = [line.split("\t") for line in (DATA / "calls.tsv").read_text("utf-8").splitlines()[1:]]
    return [(id_, {"call": call, "event": event}) for id_, call, event in rows]
