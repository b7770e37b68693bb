"""The written training data holds what its card says, and nothing that judges the model stands in it."""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

from shared.items import LANGUAGES
from shared.themes import themes

DATA = Path(__file__).parents[3] / "services" / "classifier" / "training" / "data"
PRESS = Path(__file__).parents[2] / "data" / "classifier" / "press.jsonl"
FIELDS = "id group lang style title text themes sovereignty franco_german organisations hard".split()
DEGREES = {0.0, 0.25, 0.5, 0.75, 1.0}
ALIKE = 0.4  # of the shorter item's runs of three words stand in the other one too


@cache
def items(*paths: Path) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines())


def training() -> tuple[dict[str, Any], ...]:
    return items(*sorted(DATA.glob("*.jsonl")))


def labels(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_every_item_is_whole() -> None:
    for item in (*training(), *items(PRESS)):
        assert list(item) == FIELDS, item["id"]
        assert item["lang"] in LANGUAGES, item["id"]
        assert item["title"].strip(), item["id"]
        assert set(item["themes"]) <= set(themes()), item["id"]
        assert item["sovereignty"] in DEGREES, item["id"]
        text = f"{item['title']} {item['text']}"
        assert [name for name in item["organisations"] if name not in text] == [], item["id"]


def test_no_item_stands_twice() -> None:
    ids = [item["id"] for item in (*training(), *items(PRESS))]
    assert len(set(ids)) == len(ids)


def test_no_publication_is_nearly_another_and_none_that_trains_judges() -> None:
    everything = (*training(), *items(PRESS))
    assert not [
        (everything[one]["id"], everything[other]["id"]) for one, other in alike(everything) if one != other
    ]


def alike(given: Iterable[dict[str, Any]]) -> list[tuple[int, int]]:
    """Pairs of different publications that share most of their runs of three words."""
    listed = list(given)
    runs = [runs_of(item) for item in listed]
    where = defaultdict(list)
    for number, found in enumerate(runs):
        for run in found:
            where[run].append(number)
    shared: dict[tuple[int, int], int] = defaultdict(int)
    for numbers in where.values():
        for pair in combinations(numbers, 2):
            shared[pair] += 1
    return [
        (one, other)
        for (one, other), count in shared.items()
        if listed[one]["group"] != listed[other]["group"] and count > ALIKE * min(len(runs[one]), len(runs[other]))
    ]


def runs_of(item: dict[str, Any]) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", f"{item['title']} {item['text']}".lower())
    return {tuple(words[start : start + 3]) for start in range(len(words) - 2)}


JUDGES, TRAINS = ("gate.tsv", "short.tsv"), ("releases.tsv", "pool.tsv", "reread.tsv")


def test_nothing_of_a_gate_is_labelled_for_training() -> None:
    judges = {row["id"] for name in JUDGES for row in labels(name)}
    assert [row["id"] for name in TRAINS for row in labels(name) if row["id"] in judges] == []


def test_every_table_of_labels_is_whole_and_names_a_text_once() -> None:
    for name in (*JUDGES, *TRAINS):
        rows = labels(name)
        assert len({row["id"] for row in rows}) == len(rows), name
        for row in rows:
            assert row["themes"] == "-" or set(row["themes"].split(",")) <= set(themes()) - {"ai"}, row
            assert float(row["sovereignty"]) in DEGREES, row
            assert {row["franco_german"], row["ai"]} <= {"0", "1"}, row
