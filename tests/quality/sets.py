"""The texts that judge the shipped model, and what the model said of them when it was last adopted.

`press` and `long` are written and stand in the repository. The texts of the gates are other people's: they are
read from the folder `shared` beside the checkout, where there is one; their labels are ours and stand in
`gate.tsv` and, of the short entries of media and institutions, in `short.tsv`.
"""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from services.classifier.evaluation.asking import verdicts
from services.classifier.evaluation.labelled import AI, LANGUAGE, RUBRIC, Labelled
from services.classifier.evaluation.reading import read
from services.classifier.model import FRANCO_GERMAN, SOVEREIGNTY, Model
from services.classifier.training.material import GATE_FEEDS, RELEASES, entry_id, table
from services.classifier.training.material import short as short_entries
from services.collector.parse import parse_feed
from shared.items import LANGUAGES, Verdict

DATA = Path(__file__).parents[1] / "data" / "classifier"
BASELINE = DATA / "baseline.tsv"
SHARED = Path(__file__).parents[3] / "shared"
_JUDGED = frozenset((*RUBRIC, AI, SOVEREIGNTY, FRANCO_GERMAN, LANGUAGE))


def written(name: str) -> tuple[Labelled, ...]:
    """`press` or `long`, which hold no line that cannot be read."""
    with (DATA / f"{name}.jsonl").open("rb") as lines:
        reading = read(lines)
    assert not reading.refused
    return reading.items


def gate() -> tuple[Labelled, ...]:
    """Releases in three languages and entries of five media."""
    return (*_releases(), *_entries())


def short() -> tuple[Labelled, ...]:
    """The second gate: short entries of media and institutions."""
    return tuple(
        _labelled(each.id, each.group, each.language, each.title, each.text, each.labels)
        for each in short_entries(SHARED / "labels")
    )


def sets() -> Mapping[str, Sequence[Labelled]]:
    """Every set that can be read here."""
    return {"press": written("press"), **({"gate": gate(), "short": short()} if SHARED.exists() else {})}


def said(model: Model, items: Iterable[Labelled]) -> tuple[Verdict, ...]:
    return tuple(verdicts(model, items))


def baseline() -> Mapping[str, frozenset[str]]:
    """Item -> the themes that the adopted model gave it."""
    rows = (line.split("\t") for line in BASELINE.read_text("utf-8").splitlines()[1:])
    return {item: frozenset(given.split(",")) - {"-"} for item, given in rows}


def keep_as_baseline(given: Mapping[str, Verdict]) -> None:
    """Adopts these verdicts: what the build compares with from now on."""
    lines = [f"{item}\t{','.join(verdict.themes) or '-'}" for item, verdict in sorted(given.items())]
    BASELINE.write_text("\n".join(["id\tthemes", *lines]) + "\n", "utf-8")


def _releases() -> Iterator[Labelled]:
    known = table("gate")
    with gzip.open(SHARED / "labels" / RELEASES, "rt", encoding="utf-8") as lines:
        for found in map(json.loads, lines):
            if labels := known.get(str(found["id"])):
                id_ = str(found["id"])
                for lang in LANGUAGES:
                    yield _labelled(f"{id_}-{lang}", id_, lang, found[lang]["title"], found[lang]["lead"], labels)


def _entries() -> Iterator[Labelled]:
    known = table("gate")
    for name, lang in GATE_FEEDS.items():
        for entry in parse_feed((SHARED / "feeds" / f"{name}.xml").read_bytes()).entries:
            id_ = entry_id(entry.title, entry.url or "")
            if labels := known.get(id_):
                yield _labelled(id_, id_, lang, entry.title, entry.summary, labels)


def _labelled(id_: str, group: str, lang: str, title: str, text: str, labels: Mapping[str, float]) -> Labelled:
    themes = frozenset(theme for theme in (*RUBRIC, AI) if labels[theme])
    return Labelled(
        id_, group, lang, title, text, themes, labels[SOVEREIGNTY], bool(labels[FRANCO_GERMAN]), judged=_JUDGED
    )
