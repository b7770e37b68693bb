"""Between the archive's rows and the words of the pipeline: no queries, no decisions."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

from shared.archive.tables import ItemRow, RevisionRow, SightingRow, VerdictRow
from shared.items import Announced, ArchivedItem, ClassifiedItem, CollectedItem, Reason, Spike, Verdict, day_of
from shared.store.new_rows import new_row

# columns of `items` that the owning source states anew with each event, under the event's own names
_STATED: Final = (
    "source_name",
    "organisation",
    "country",
    "url",
    "title",
    "published",
    "published_on",
    "updated",
    "fetched_at",
    "content_hash",
    "guid",
    "declared_language",
    "published_raw",
    "truncated",
    "text_from",
    "text_missing",
    "summary",
    "text",
)
_LISTS: Final = ("languages", "authors", "categories")
_TAGS: Final = ("model", "language", "sovereignty", "franco_german")


def new_item(classified: ClassifiedItem, now: datetime, zone: tzinfo, *, in_bulk: bool) -> ItemRow:
    """A first revision, first seen `now`, in a story of its own. `zone` is that of the calendar of days."""
    item = classified.item
    values = {
        "item_id": item.item_id,
        "source": item.source,
        "first_seen": now,
        "revised_at": now,
        "released_at": item.released_at,
        "entered_in_bulk": in_bulk,
        "story": item.item_id,
    }
    said = _statement(item, now, zone) | _tags(classified.verdict, classified.classified_at)
    return new_row(ItemRow, values | said)


def number(row: ItemRow) -> int:
    """The `id` of a row that was read or flushed."""
    assert row.id is not None
    return row.id


def restate(row: ItemRow, item: CollectedItem, zone: tzinfo) -> bool:
    """Take over what the source says now. True when anything differs."""
    return _set(row, _statement(item, row.first_seen, zone))


def wording_of(row: ItemRow) -> Mapping[str, Any]:
    """The words that the archive has of an item, which stay as they are while its content hash does.

    An event that comes again may know less: the page that gave the text was out of reach by then.
    """
    return {name: getattr(row, name) for name in ("summary", "text", "truncated", "text_from", "text_missing")}


def tag(row: ItemRow, verdict: Verdict, classified_at: datetime) -> bool:
    """Take over a verdict. True when anything differs."""
    return _set(row, _tags(verdict, classified_at))


def superseded(row: ItemRow) -> RevisionRow:
    """The row's present wording, to be kept when the next one takes its place."""
    return RevisionRow(
        item_id=row.item_id,
        revision=row.revision,
        content_hash=row.content_hash,
        fetched_at=row.fetched_at,
        seen_at=row.revised_at,
        title=row.title,
        summary=row.summary,
        text=row.text,
    )


def new_verdict(item_id: str, revision: int, classified: ClassifiedItem) -> VerdictRow:
    return new_row(VerdictRow, verdict_columns(item_id, revision, classified))


def new_sighting(item: CollectedItem, now: datetime) -> SightingRow:
    values = {"item_id": item.item_id, "source": item.source, "url": item.url, "first_at": now}
    return new_row(SightingRow, values)


def verdict_columns(item_id: str, revision: int, classified: ClassifiedItem) -> Mapping[str, Any]:
    """The columns of a row of `verdicts`."""
    verdict = classified.verdict
    return {
        "item_id": item_id,
        "revision": revision,
        "reasons": [reason.model_dump() for reason in verdict.reasons],
        **_tags(verdict, classified.classified_at),
    }


def verdict_of(row: VerdictRow) -> Verdict:
    return Verdict(
        language=row.language,
        scores=row.scores,
        themes=tuple(row.themes),
        sovereignty=row.sovereignty,
        franco_german=row.franco_german,
        organisations=tuple(row.organisations),
        reasons=tuple(Reason.model_validate(reason) for reason in row.reasons),
        model=row.model,
        announced=tuple(Announced.model_validate(each) for each in row.announced),
    )


def collected_of(row: ItemRow) -> CollectedItem:
    """The current revision as the collector once sent it."""
    stated = {name: getattr(row, name) for name in _STATED}
    lists = {name: tuple(getattr(row, name)) for name in _LISTS}
    return CollectedItem(item_id=row.item_id, source=row.source, released_at=row.released_at, **stated, **lists)


def archived_of(
    row: ItemRow, verdict: Verdict, story: str, sources: Sequence[str], spikes: Sequence[Spike] = ()
) -> ArchivedItem:
    return ArchivedItem(
        item_id=row.item_id,
        revision=row.revision,
        story=story,
        sources=tuple(sources),
        organisation=row.organisation,
        country=row.country,
        url=row.url,
        title=row.title,
        summary=row.summary,
        text=row.text,
        published=row.published,
        day=row.day,
        first_seen=row.first_seen,
        released_at=row.released_at,
        entered_in_bulk=row.entered_in_bulk,
        spikes=tuple(spikes),
        verdict=verdict,
    )


def _statement(item: CollectedItem, first_seen: datetime, zone: tzinfo) -> dict[str, Any]:
    stated = {name: getattr(item, name) for name in _STATED}
    lists = {name: list(getattr(item, name)) for name in _LISTS}
    moment = item.published or first_seen
    return {**stated, **lists, "sort_at": moment, "day": day_of(item.published_on, moment, zone)}


def _tags(verdict: Verdict, classified_at: datetime) -> dict[str, Any]:
    return {
        **{name: getattr(verdict, name) for name in _TAGS},
        "classified_at": classified_at,
        "themes": list(verdict.themes),
        "scores": dict(verdict.scores),
        "organisations": list(verdict.organisations),
        "announced": [each.model_dump(mode="json") for each in verdict.announced],
    }


def _set(row: ItemRow, values: Mapping[str, Any]) -> bool:
    differing = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in differing.items():
        setattr(row, name, value)
    return bool(differing)
