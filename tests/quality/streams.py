"""Streams of publications that stories are judged by: translations, and the press of three languages.

`press.jsonl` is written and stands in the repository. Releases and entries of media are other people's: they are
read from the folder `shared` beside the checkout, where there is one. What a reader said of the merges among the
entries stands in `stories/merges.tsv`, by ids alone.
"""

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from services.classifier.training.material import RELEASES
from shared.items import ClassifiedItem
from shared.meaning.encoder import the_encoder
from shared.text.organisations import load_gazetteer
from tests.archived import a_classified, a_verdict
from tests.quality.sets import DATA, SHARED

ENTRIES: Final = SHARED / "labels" / "pool.jsonl.gz"
FEDERAL: Final = SHARED / "labels" / RELEASES
MERGES: Final = DATA.parent / "stories" / "merges.tsv"
BEGIN: Final = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stream:
    """Publications in order, and the event that each tells, as far as it is known."""

    items: Sequence[ClassifiedItem]
    event: Mapping[str, str]


def written() -> Stream:
    """Invented items in three languages, four a day, the translations on one day."""
    lines = [json.loads(line) for line in (DATA / "press.jsonl").read_text("utf-8").splitlines()]
    groups = {group: number for number, group in enumerate(dict.fromkeys(line["group"] for line in lines))}
    return _stream(
        (
            line["id"],
            line["group"],
            line["lang"],
            f"{line['lang']}",
            line["title"],
            line["text"],
            BEGIN + timedelta(hours=6 * groups[line["group"]]),
        )
        for line in lines
    )


def releases(since: str, until: str) -> Stream:
    """Federal releases of these months, one source for each language."""
    with gzip.open(FEDERAL, "rt", encoding="utf-8") as lines:
        found = [each for each in map(json.loads, lines) if since <= each["date"][:7] <= until]
    return _stream(
        (f"{each['id']}-{lang}", str(each["id"]), lang, lang, each[lang]["title"], each[lang]["lead"], _noon(each))
        for each in found
        for lang in ("de", "fr", "en")
        if lang in each
    )


def entries(since: str = "", until: str = "9999") -> Stream:
    """Entries of media, blogs and institutions of these months. Nobody knows their events."""
    with gzip.open(ENTRIES, "rt", encoding="utf-8") as lines:
        found = [each for each in map(json.loads, lines) if each["date"] and since <= each["date"][:7] <= until]
    return _stream(
        (each["id"], each["id"], each["lang"], each["source"], each["title"], each["text"], _noon(each))
        for each in sorted(found, key=lambda each: each["date"])
    )


def judged() -> Mapping[frozenset[str], bool]:
    """Two items -> whether a reader says that they tell one event."""
    rows = [line.split("\t") for line in MERGES.read_text("utf-8").splitlines()[1:]]
    return {frozenset((one, other)): says == "right" for one, other, says, *_ in rows}


def _noon(line: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(f"{line['date'][:10]}T12:00:00+00:00")


def _stream(rows: Iterable[tuple[str, str, str, str, str, str, datetime]]) -> Stream:
    items, event = [], {}
    for id_, told, lang, source, title, text, at in rows:
        event[id_] = told
        names = load_gazetteer().names(title, text)
        item = a_classified(
            id_,
            source=source,
            title=title,
            text=text,
            published=at,
            fetched_at=at,
            url=None,
            at=at,
            verdict=a_verdict(language=lang, organisations=names, reasons=()),
        )
        items.append(item.model_copy(update={"meaning": the_encoder().of_item(title, text).meaning()}))
    return Stream(items, event)
