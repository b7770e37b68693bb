"""What the archive holds of items, read for many at once: a handful of statements, however many items."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, select
from sqlmodel import Session, col

from shared.archive import rows
from shared.archive.spikes import spikes_of
from shared.archive.stories import ROOT
from shared.archive.tables import CorrectionRow, ItemRow, RevisionRow, SightingRow, StoryAliasRow, VerdictRow
from shared.archive.verdicts import corrected
from shared.items import ArchivedItem, Spike, Verdict


@dataclass(slots=True)
class Holding:
    """One item with its rows, to be read and changed in memory.

    `root` is the root of its story. `corrections` are people's words: label -> value. `earlier` are the wordings
    that it had before: content hash -> latest revision with it; `stated` are the events that brought them, by
    content hash and `fetched_at`.
    """

    row: ItemRow
    root: str
    verdicts: list[VerdictRow] = field(default_factory=list)
    sightings: list[SightingRow] = field(default_factory=list)
    corrections: dict[str, float] = field(default_factory=dict)
    earlier: dict[str, int] = field(default_factory=dict)
    stated: set[tuple[str, datetime]] = field(default_factory=set)
    spikes: list[Spike] = field(default_factory=list)

    @property
    def sources(self) -> Sequence[str]:
        """Every source the item was seen at, the owner of its content first."""
        owner = self.row.source
        ordered = sorted(self.sightings, key=lambda seen: (seen.source != owner, seen.first_at, seen.source))
        return [seen.source for seen in ordered]

    def verdict(self) -> tuple[Verdict, VerdictRow]:
        """The verdict that counts, people's corrections applied, and the machine's that it rests on."""
        machine = _counting(self.row, self.verdicts)
        return corrected(rows.verdict_of(machine), self.corrections), machine

    def state(self) -> ArchivedItem:
        """The item as the pipeline tells of it."""
        return rows.archived_of(self.row, self.verdict()[0], self.root, self.sources, self.spikes)


def load(session: Session, item_ids: Collection[str]) -> dict[str, Holding]:
    """Item id -> holding, for those of the items that the archive has."""
    with_root = (
        select(ItemRow, ROOT)
        .outerjoin(StoryAliasRow, col(StoryAliasRow.alias) == col(ItemRow.story))
        .where(col(ItemRow.item_id).in_(item_ids))
    )
    found = {row.item_id: Holding(row, root) for row, root in session.execute(with_root)}
    if not found:
        return found
    for verdict in session.execute(select(VerdictRow).where(col(VerdictRow.item_id).in_(found))).scalars():
        found[verdict.item_id].verdicts.append(verdict)
    for seen in session.execute(select(SightingRow).where(col(SightingRow.item_id).in_(found))).scalars():
        found[seen.item_id].sightings.append(seen)
    for said in session.execute(select(CorrectionRow).where(col(CorrectionRow.item_id).in_(found))).scalars():
        found[said.item_id].corrections[said.label] = said.value
    for item_id, spike in spikes_of(session, list(found)):
        found[item_id].spikes.append(spike)
    for wording in session.execute(_wordings(found)):
        held = found[wording.item_id]
        held.earlier[wording.content_hash] = wording.revision
        held.stated.add((wording.content_hash, wording.fetched_at))
    return found


def holding(session: Session, item_id: str) -> Holding | None:
    """What the archive holds of one item."""
    return load(session, [item_id]).get(item_id)


def current_verdict(session: Session, row: ItemRow) -> Verdict:
    """The verdict that counts of one item, for who has its row already."""
    given = session.execute(select(VerdictRow).where(col(VerdictRow.item_id) == row.item_id)).scalars().all()
    said = session.execute(select(CorrectionRow).where(col(CorrectionRow.item_id) == row.item_id)).scalars()
    return corrected(rows.verdict_of(_counting(row, given)), {each.label: each.value for each in said})


def _counting(row: ItemRow, verdicts: Sequence[VerdictRow]) -> VerdictRow:
    """Of the verdicts on the current revision the newest."""
    of_revision = (verdict for verdict in verdicts if verdict.revision == row.revision)
    return max(of_revision, key=lambda verdict: (verdict.classified_at, verdict.model))


def _wordings(item_ids: Collection[str]) -> Select[str, str, datetime, int]:
    """What items said before, in order: the latest of equal wordings comes last."""
    wanted = select(
        col(RevisionRow.item_id),
        col(RevisionRow.content_hash),
        col(RevisionRow.fetched_at),
        col(RevisionRow.revision),
    ).where(col(RevisionRow.item_id).in_(item_ids))
    return wanted.order_by(col(RevisionRow.item_id), col(RevisionRow.revision))
