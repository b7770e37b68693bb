"""Writing the archive. Every effect is idempotent by key: the same event again changes nothing.

`write` numbers revisions in the caller's transaction. The first source owns the content; what another source says
of the item is a sighting. An older `fetched_at` changes no column, but its verdict still finds its revision.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, func, insert, select
from sqlmodel import Session, col

from shared.archive import rows, search_schema
from shared.archive.stories import root_story
from shared.archive.tables import (
    CorrectionRow,
    ItemOrganisationRow,
    ItemRow,
    ItemThemeRow,
    RevisionRow,
    SightingRow,
    VerdictRow,
)
from shared.archive.verdicts import corrected
from shared.errors import NotFound
from shared.items import ArchivedItem, ClassifiedItem, CollectedItem, Purpose, Verdict, latest
from shared.store.upsert import insert_new
from shared.text.fold import name_key


class Change(StrEnum):
    """What an event changed in the archive."""

    NEW = "new"
    REVISED = "revised"  # other words
    RESTATED = "restated"  # other dates, address or the like; the same words
    SIGHTED = "sighted"  # at a further source
    TAGGED = "tagged"  # another verdict counts now
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Written:
    """What became of an event. `row` is None when the archive has no such item and wanted none."""

    row: ItemRow | None
    changes: frozenset[Change] = frozenset()


def write(session: Session, classified: ClassifiedItem, purpose: Purpose, now: datetime) -> Written:
    """Take over what an event says. `now` is database time: the `first_seen` of an item that is new."""
    item = classified.item
    row = item_row(session, item.item_id)
    if row is None:
        if purpose is Purpose.RECLASSIFY:  # the item was removed in between; a new tag does not bring it back
            return Written(None)
        return _insert(session, classified, now, in_bulk=purpose is Purpose.BACKFILL)
    changes = _released(row, item) | _sighted(session, item, now)
    if item.source == row.source:
        found_by = _found_by(row)
        changes |= _stated(session, row, item, now)
        if _attach(session, row, classified):
            changes |= _settle(session, row)
        if _found_by(row) != found_by:
            _index(session, row)
    return Written(row, frozenset(changes))


def correct(session: Session, item_id: str, label: str, value: float, now: datetime, note: str = "") -> None:
    """Keep a person's word on a label: a theme id, `sovereignty` or `franco_german`. Raises NotFound.

    Call it under `store.serialise(session, "stories")`, as the archivist does, so that no write is lost.
    """
    row = item_row(session, item_id)
    if row is None:
        raise NotFound(f"the archive has no item {item_id!r}")
    session.merge(CorrectionRow(item_id=item_id, label=label, value=value, corrected_at=now, note=note))
    _settle(session, row)


def archived_item(session: Session, item_id: str) -> ArchivedItem | None:
    """The item's current state, or None when the archive does not have it."""
    row = item_row(session, item_id)
    return None if row is None else state_of(session, row)


def state_of(session: Session, row: ItemRow) -> ArchivedItem:
    """The current state of the row's item: verdict, root of the story and sources looked up."""
    verdict, _ = current_verdict(session, row)
    return rows.archived_of(row, verdict, root_story(session, row.story), sources_of(session, row))


def current_items(
    session: Session, *, since: datetime | None = None, after: str | None = None, limit: int = 500
) -> tuple[CollectedItem, ...]:
    """Current revisions in order of arrival: first seen at `since` or later, after the item id `after`."""
    wanted = select(ItemRow).order_by(col(ItemRow.id)).limit(limit)
    if since is not None:
        wanted = wanted.where(col(ItemRow.first_seen) >= since)
    if after is not None:
        place = select(col(ItemRow.id)).where(col(ItemRow.item_id) == after).scalar_subquery()
        wanted = wanted.where(col(ItemRow.id) > place)
    return tuple(map(rows.collected_of, session.execute(wanted).scalars()))


def item_row(session: Session, item_id: str) -> ItemRow | None:
    return session.execute(select(ItemRow).where(col(ItemRow.item_id) == item_id)).scalar_one_or_none()


def current_verdict(session: Session, row: ItemRow) -> tuple[Verdict, VerdictRow]:
    """The verdict that counts, people's corrections applied, and the machine's that it rests on."""
    of_revision = select(VerdictRow).where(
        col(VerdictRow.item_id) == row.item_id, col(VerdictRow.revision) == row.revision
    )
    newest = of_revision.order_by(col(VerdictRow.classified_at).desc(), col(VerdictRow.model).desc()).limit(1)
    machine = session.execute(newest).scalar_one()
    said = session.execute(select(CorrectionRow).where(col(CorrectionRow.item_id) == row.item_id)).scalars()
    return corrected(rows.verdict_of(machine), {c.label: c.value for c in said}), machine


def sources_of(session: Session, row: ItemRow) -> Sequence[str]:
    """Every source the item was seen at, the owner of its content first."""
    seen = select(col(SightingRow.source)).where(col(SightingRow.item_id) == row.item_id)
    ordered = seen.order_by(
        col(SightingRow.source) != row.source, col(SightingRow.first_at), col(SightingRow.source)
    )
    return session.execute(ordered).scalars().all()


def _insert(session: Session, classified: ClassifiedItem, now: datetime, *, in_bulk: bool) -> Written:
    item = classified.item
    row = rows.new_item(classified, now, in_bulk=in_bulk)
    session.add_all((row, VerdictRow(**rows.verdict_columns(item.item_id, row.revision, classified))))
    session.flush()
    _sighted(session, item, now)
    _add_facets(session, row)
    _index(session, row)
    return Written(row, frozenset({Change.NEW}))


def _released(row: ItemRow, item: CollectedItem) -> set[Change]:
    if item.released_at is None or latest(item.released_at, row.released_at) == row.released_at:
        return set()
    row.released_at = item.released_at
    return {Change.RELEASED}


def _sighted(session: Session, item: CollectedItem, now: datetime) -> set[Change]:
    sighting = {"item_id": item.item_id, "source": item.source, "url": item.url, "first_at": now}
    return {Change.SIGHTED} if insert_new(session, SightingRow, sighting) else set()


def _stated(session: Session, row: ItemRow, item: CollectedItem, now: datetime) -> set[Change]:
    """What the owner says of its item, unless we know something newer."""
    if item.fetched_at <= row.fetched_at:
        return set()
    if item.content_hash == row.content_hash:
        rows.restate(row, item)
        return {Change.RESTATED}
    session.add(rows.superseded(row))
    rows.restate(row, item)
    row.revision += 1
    row.revised_at = now
    return {Change.REVISED}


def _attach(session: Session, row: ItemRow, classified: ClassifiedItem) -> bool:
    """Keep the verdict with the revision whose words it judged. False when there is none, or nothing new in it."""
    revision = _revision_of(session, row, classified.item.content_hash)
    if revision is None:
        return False
    known = session.get(VerdictRow, (row.item_id, revision, classified.verdict.model))
    if known is not None and known.classified_at >= classified.classified_at:
        return False
    session.merge(VerdictRow(**rows.verdict_columns(row.item_id, revision, classified)))
    return True


def _revision_of(session: Session, row: ItemRow, content_hash: str) -> int | None:
    if content_hash == row.content_hash:
        return row.revision
    earlier = select(func.max(RevisionRow.revision)).where(
        col(RevisionRow.item_id) == row.item_id, col(RevisionRow.content_hash) == content_hash
    )
    found: int | None = session.execute(earlier).scalar_one()
    return found


def _settle(session: Session, row: ItemRow) -> set[Change]:
    """Let the verdict that counts stand in the item's row and in the rows that queries use."""
    verdict, machine = current_verdict(session, row)
    if not rows.tag(row, verdict, machine.classified_at):
        return set()
    session.execute(delete(ItemThemeRow).where(col(ItemThemeRow.item) == row.id))
    session.execute(delete(ItemOrganisationRow).where(col(ItemOrganisationRow.item) == row.id))
    _add_facets(session, row)
    return {Change.TAGGED}


def _add_facets(session: Session, row: ItemRow) -> None:
    themes = [{"item": row.id, "theme": t, "score": row.scores.get(t, 1.0)} for t in dict.fromkeys(row.themes)]
    bodies = [{"item": row.id, "organisation": o} for o in dict.fromkeys(map(name_key, row.organisations))]
    if themes:
        session.execute(insert(ItemThemeRow), themes)
    if bodies:
        session.execute(insert(ItemOrganisationRow), bodies)


def _found_by(row: ItemRow) -> tuple[str, str]:
    """What the search index of the item rests on."""
    return row.content_hash, row.language


def _index(session: Session, row: ItemRow) -> None:
    assert row.id is not None  # flushed
    body = rows.collected_of(row).body()
    search_schema.index(session, row.id, title=row.title, body=body, language=row.language)
