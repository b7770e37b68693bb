"""Reads what the recipe trains on and is judged by: labelled texts of every corpus as one type.

Ours, in `data/`: written items, and labels of releases, of further real texts and of the gates. Not ours and not
in the repository: the corpora folder, whose files `data/README.md` names. Nothing trains on a text of a gate.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from services.classifier.model import FRANCO_GERMAN, SOVEREIGNTY
from shared.errors import ConfigError
from shared.items import LANGUAGES
from shared.themes import themes

DATA: Final = Path(__file__).parent / "data"
WRITTEN: Final = ("ind", "frd", "sov", "gen", "inst")
AI: Final = "ai"  # a theme that some corpora have no label for
RELEASES: Final = "swiss-press-parallel.jsonl.gz"
REAL: Final = ("real-train.jsonl", "real-dev.jsonl")
MORE: Final = "real-more.jsonl"
POOL: Final = "pool.jsonl.gz"
AFTER_ENCODER: Final = ("more", "pool")  # corpora that were labelled after the shipped encoder was tuned
INVENTED: Final = "written-468.jsonl"
RELEASE_KIND, WRITTEN_KIND, _OTHER_KIND = "releases", "written", "institutions"
_KINDS: Final = {"press_release": RELEASE_KIND, "general_news": "media", "trade_press": "media"}
GLOSSARY: Final = "glossary.txt"
GATE_FEEDS: Final = {  # the media of the gate, none of which trains, and their languages
    "heise-atom": "de",
    "tagesschau": "de",
    "sciences-et-avenir-2018": "fr",
    "lemonde-2018": "fr",
    "bbc": "en",
}

# what an example counts for beside a real item that was labelled in its own words
_WRITTEN_WEIGHT: Final = 0.5
_PROJECTED_WEIGHT: Final = 0.6  # a release's label stands for it in three languages


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled text. `labels` has a value 0..1 for every label that somebody judged, and only for these.

    Texts of one `group` are one publication in several languages, or near-duplicates: they never stand on both
    sides of a split. `weight` is what the example counts for in training. `real` texts were published. `kind` is
    one of few: releases, media, institutions, written.
    """

    id: str
    group: str
    language: str
    title: str
    text: str
    labels: Mapping[str, float]
    weight: float
    corpus: str
    real: bool = True
    source: str = ""
    kind: str = WRITTEN_KIND


@dataclass(frozen=True, slots=True)
class Release:
    """A press release of the parallel collection: language -> (title, lead)."""

    id: str
    texts: Mapping[str, tuple[str, str]]


def written() -> list[Example]:
    """The written training items, at half the weight of a real one."""
    return [
        _example(found, found["group"], "written", _WRITTEN_WEIGHT, real=False)
        for name in WRITTEN
        for found in _lines(DATA / f"{name}.jsonl")
    ]


def real(corpora: Path) -> list[Example]:
    """The labelled real items, and the invented ones that came with them; few have a label for `ai`.

    What a second reader found otherwise (`reread.tsv`) counts in place of the corpora's label.
    """
    found, judged, reread = [], table("short"), table("reread")
    for name, corpus in (*((name, "real") for name in REAL), (MORE, "more")):
        found += [_example(each, each.get("group", each["id"]), corpus, 1.0) for each in _lines(corpora / name)]
    found += [each for each in _pooled(corpora, table("pool"), "pool") if each.id not in judged]
    found += [
        _example(each, each["id"], "invented", _WRITTEN_WEIGHT, real=False) for each in _lines(corpora / INVENTED)
    ]
    return [replace(each, labels=reread.get(each.id, each.labels)) for each in found]


def releases(corpora: Path) -> Iterator[Release]:
    """Every release of the parallel collection, in the order of the file."""
    with gzip.open(_needed(corpora / RELEASES), "rt", encoding="utf-8") as lines:
        for line in lines:
            found = json.loads(line)
            texts = {lang: (found[lang]["title"], found[lang]["lead"]) for lang in LANGUAGES if lang in found}
            yield Release(str(found["id"]), texts)


def labelled_releases(corpora: Path) -> list[Example]:
    """The releases that `releases.tsv` labels, one example per language."""
    return list(_projected(corpora, table("releases"), "releases", _PROJECTED_WEIGHT))


def gate(corpora: Path) -> list[Example]:
    """The texts of both gates, but for the first one's entries: to keep what resembles them out of training."""
    return [*_projected(corpora, table("gate"), "gate", 1.0), *short(corpora)]


def short(corpora: Path) -> list[Example]:
    """The second gate: short entries of media and institutions."""
    return list(_pooled(corpora, table("short"), "short"))


def entry_id(title: str, url: str) -> str:
    """What the gate calls an entry of one of its media, `GATE_FEEDS`."""
    return "f" + hashlib.sha256(f"{title}{url}".encode()).hexdigest()[:11]


def glossary(corpora: Path) -> list[Mapping[str, Sequence[str]]]:
    """Domain terms: language -> its names of one thing."""
    lines = _needed(corpora / GLOSSARY).read_text("utf-8").splitlines()
    rows = [line.split("|") for line in lines if line.strip() and not line.startswith("#")]
    return [
        {
            lang: [name.strip() for name in cell.split(" / ")]
            for lang, cell in zip(("en", "de", "fr"), row, strict=True)
        }
        for row in rows
    ]


def table(name: str) -> dict[str, dict[str, float]]:
    """Publication -> its labels, from `data/<name>.tsv`."""
    found = {}
    for line in (DATA / f"{name}.tsv").read_text("utf-8").splitlines()[1:]:
        id_, given, sovereignty, franco_german, ai = line.split("\t")
        labels = {theme: float(theme in given.split(",")) for theme in themes()}
        labels |= {AI: float(ai), SOVEREIGNTY: float(sovereignty), FRANCO_GERMAN: float(franco_german)}
        found[id_] = labels
    return found


def _projected(
    corpora: Path, known: Mapping[str, Mapping[str, float]], corpus: str, weight: float
) -> Iterator[Example]:
    for release in releases(corpora):
        if release.id in known:
            for lang, (title, lead) in release.texts.items():
                labels = known[release.id]
                yield Example(
                    f"{release.id}-{lang}",
                    release.id,
                    lang,
                    title,
                    lead,
                    labels,
                    weight,
                    corpus,
                    kind=RELEASE_KIND,
                )


def _pooled(corpora: Path, known: Mapping[str, Mapping[str, float]], corpus: str) -> Iterator[Example]:
    with gzip.open(_needed(corpora / POOL), "rt", encoding="utf-8") as lines:
        for found in map(json.loads, lines):
            if labels := known.get(found["id"]):
                yield Example(
                    found["id"],
                    found["id"],
                    found["lang"],
                    found["title"],
                    found["text"],
                    labels,
                    1.0,
                    corpus,
                    source=found.get("source") or "",
                    kind=_kind(found),
                )


def _example(found: Mapping[str, Any], group: str, corpus: str, weight: float, real: bool = True) -> Example:
    labels = {theme: float(theme in found["themes"]) for theme in themes()}
    if AI in found:
        labels[AI] = float(found[AI])
    elif corpus != "written":
        del labels[AI]
    labels[SOVEREIGNTY] = float(found["sovereignty"])
    if "franco_german" in found:
        labels[FRANCO_GERMAN] = float(found["franco_german"])
    return Example(
        found["id"],
        group,
        found["lang"],
        found["title"],
        found["text"],
        labels,
        weight,
        corpus,
        real,
        found.get("source") or "",
        _kind(found) if real else WRITTEN_KIND,
    )


def _kind(found: Mapping[str, Any]) -> str:
    return _KINDS.get(found.get("kind") or "", _OTHER_KIND)


def _lines(path: Path) -> Iterator[Any]:
    with _needed(path).open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _needed(path: Path) -> Path:
    if not path.is_file():
        raise ConfigError(f"{path} is missing: `--corpora` names the folder that training reads.")
    return path
