"""Taking over what events say of items: decided in memory, one event after the other, written back together.

Every effect is idempotent by key: the same event again changes nothing. The first source owns the content; what
another source says of the item is a sighting. An older `fetched_at` changes no column, but its verdict still finds
its revision.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from functools import cached_property

from sqlalchemy import delete
from sqlmodel import Session, col

from shared.archive import meanings, rows
from shared.archive.entries import Entries
from shared.archive.holdings import Holding
from shared.archive.removal import removed_among
from shared.archive.rows import number
from shared.archive.tables import (
    CorrectionRow,
    ItemAnnouncementRow,
    ItemOrganisationRow,
    ItemRow,
    ItemThemeRow,
    SightingRow,
    VerdictRow,
)
from shared.archive.tallied import Counted
from shared.archive.words import Indexed, Words, words_of_item
from shared.items import CALENDAR, Announced, ClassifiedItem, CollectedItem, Purpose, latest
from shared.meaning.kept import Vectors
from shared.moments import ahead
from shared.store import packing
from shared.store.new_rows import insert_rows, next_numbers
from shared.store.upsert import insert_all
from shared.text.fold import name_key

InLanguage = Callable[[str], Words]  # the words of an item, read in a language


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
    """What became of an event. `holding` is None when the archive has no such item and wanted none."""

    holding: Holding | None
    changes: frozenset[Change] = frozenset()


class Shelf:
    """Holdings that are changed in memory and written back at the end of a batch. Lives in one writing session."""

    def __init__(
        self,
        session: Session,
        holdings: Mapping[str, Holding],
        zone: tzinfo = CALENDAR,
        coming: Collection[str] = (),
    ) -> None:
        """`coming` are the ids of the items that events will be of."""
        self._session, self._zone, self._coming = session, zone, coming
        packing.look(session.connection())
        self.holdings = dict(holdings)
        self._entries = Entries(session, self.holdings.values())
        self._counted = Counted(session, self.holdings.values())
        self._verdicts: list[VerdictRow] = []  # that are not written yet, nor known to the session
        self._sightings: list[SightingRow] = []
        self._new: dict[str, None] = {}  # in their order
        self._retagged: set[str] = set()
        self._told: dict[str, tuple[CollectedItem, InLanguage]] = {}
        self._meant: dict[str, tuple[str, Vectors]] = {}

    def write(
        self,
        classified: ClassifiedItem,
        purpose: Purpose,
        now: datetime,
        words: InLanguage | None = None,
    ) -> Written:
        """Take over what an event says. `now` is database time: the `first_seen` of an item that is new.

        `words` gives the item's words in a language; who has them at hand spares the transaction the analysis.
        """
        item = classified.item
        words = words or (lambda language: words_of_item(item, language))
        held = self.holdings.get(item.item_id)
        future = ahead(classified.classified_at, now)  # by a clock that was wrong: it is now, at the latest
        if future:
            classified = classified.model_copy(update={"classified_at": now})
        if held is None:
            # what was taken out comes back with no new tag, and with nothing else that its source sends
            if purpose is Purpose.RECLASSIFY or item.item_id in self._out:
                return Written(None)
            return self._insert(classified, now, words, in_bulk=purpose is Purpose.BACKFILL)
        changes = _released(held.row, item) | self._sighted(held, item, now)
        if item.source == held.row.source:
            self._told[item.item_id] = item, words
            changes |= self._stated(held, item, now)
            if self._attach(held, classified, future=future):
                changes |= self._settle(held)
                self._mean(held, classified)
        return Written(held, frozenset(changes))

    @cached_property
    def _out(self) -> frozenset[str]:
        """Those that were taken out for good, of the items that come; asked for when one is new."""
        return removed_among(self._session, self._coming)

    def write_back(self, *, count: bool = True) -> None:
        """Bring the tables in line: rows first, then what hangs on their numbers.

        Whoever does more in the transaction lets the items be counted at its end: `count` later.
        """
        new = [self.holdings[item_id].row for item_id in self._new]
        for row, number_ in zip(new, next_numbers(self._session, ItemRow, len(new)), strict=True):
            row.id = number_
        for added in (new, self._verdicts, self._sightings):
            insert_rows(self._session, added)
        self._session.flush()
        tagged = [self.holdings[item_id].row for item_id in self._retagged]
        _write_facets(self._session, tagged, [row for row in tagged if row.item_id not in self._new])
        self._entries.bring_in_line(self.holdings.values(), self._words)
        said = {number(self.holdings[item_id].row): meant for item_id, meant in self._meant.items()}
        meanings.keep(self._session, said)
        for done in (self._new, self._verdicts, self._sightings, self._retagged, self._told, self._meant):
            done.clear()
        self._counted.note(self.holdings.values())
        if count:
            self.count()

    def count(self) -> None:
        """Bring the tallies in line with what was written back."""
        self._counted.write()

    def _words(self, held: Holding, indexed: Indexed) -> Words:
        """The words of the row; those that came with an event where they are of the same texts."""
        item, words = self._told.get(held.row.item_id, (None, None))
        if item and words and (item.title, item.body()) == (indexed.title, indexed.body):
            return words(indexed.language)
        return indexed.words()

    def correct(self, held: Holding, label: str, value: float, now: datetime, note: str) -> None:
        """Keep a person's word on a label."""
        said = CorrectionRow(item_id=held.row.item_id, label=label, value=value, corrected_at=now, note=note)
        self._session.merge(said)
        held.corrections[label] = value
        self._settle(held)

    def _insert(self, classified: ClassifiedItem, now: datetime, words: InLanguage, *, in_bulk: bool) -> Written:
        row = rows.new_item(classified, now, self._zone, in_bulk=in_bulk)
        verdict = rows.new_verdict(row.item_id, row.revision, classified)
        held = Holding(row, row.story, [verdict])
        self.holdings[row.item_id] = held
        self._verdicts.append(verdict)
        self._sighted(held, classified.item, now)
        self._new[row.item_id] = None
        self._retagged.add(row.item_id)
        self._told[row.item_id] = classified.item, words
        self._mean(held, classified)
        return Written(held, frozenset({Change.NEW}))

    def _sighted(self, held: Holding, item: CollectedItem, now: datetime) -> set[Change]:
        if any(seen.source == item.source for seen in held.sightings):
            return set()
        seen = rows.new_sighting(item, now)
        self._sightings.append(seen)
        held.sightings.append(seen)
        return {Change.SIGHTED}

    def _stated(self, held: Holding, item: CollectedItem, now: datetime) -> set[Change]:
        """What the owner says of its item, unless we know something newer."""
        row = held.row
        if not _is_newer(held, item, now):
            return set()
        if item.content_hash == row.content_hash:
            rows.restate(row, item.model_copy(update=rows.wording_of(row)), self._zone)
            return {Change.RESTATED}
        self._session.add(rows.superseded(row))
        held.earlier[row.content_hash] = row.revision
        held.stated.add((row.content_hash, row.fetched_at))
        rows.restate(row, item, self._zone)
        row.revision += 1
        row.revised_at = now
        return {Change.REVISED}

    def _attach(self, held: Holding, classified: ClassifiedItem, *, future: bool) -> bool:
        """Keep the verdict with the revision whose words it judged. False when there is none, or nothing new.

        One of the `future`, whose clock was ahead, is no newer than the same model's that is there.
        """
        words = classified.item.content_hash
        revision = held.row.revision if words == held.row.content_hash else held.earlier.get(words)
        if revision is None:
            return False
        given = revision, classified.verdict.model
        known = next((v for v in held.verdicts if (v.revision, v.model) == given), None)
        if known is None:
            held.verdicts.append(rows.new_verdict(held.row.item_id, revision, classified))
            self._verdicts.append(held.verdicts[-1])
        elif future or known.classified_at >= classified.classified_at:
            return False
        else:
            for name, value in rows.verdict_columns(held.row.item_id, revision, classified).items():
                setattr(known, name, value)
        return True

    def _settle(self, held: Holding) -> set[Change]:
        """Let the verdict that counts stand in the item's row and in the rows that queries use."""
        verdict, machine = held.verdict()
        if not rows.tag(held.row, verdict, machine.classified_at):
            return set()
        self._retagged.add(held.row.item_id)
        return {Change.TAGGED}

    def _mean(self, held: Holding, classified: ClassifiedItem) -> None:
        """Keep the vectors of the present wording; those of another one came late."""
        words = classified.item.content_hash
        if classified.meaning is not None and words == held.row.content_hash:
            self._meant[held.row.item_id] = (words, Vectors.of(classified.meaning))


def _is_newer(held: Holding, item: CollectedItem, now: datetime) -> bool:
    """Whether the owner said this after what the row has.

    A row of the future was fetched by a clock that was ahead: then what was fetched after the last wording of
    known time is newer. An event that brought a wording before, and comes again, is not.
    """
    row = held.row
    if (item.content_hash, item.fetched_at) in held.stated | {(row.content_hash, row.fetched_at)}:
        return False
    if not ahead(row.fetched_at, now):
        return item.fetched_at > row.fetched_at
    known = [fetched_at for _, fetched_at in held.stated if not ahead(fetched_at, now)]
    return not known or item.fetched_at > max(known)


def _released(row: ItemRow, item: CollectedItem) -> set[Change]:
    if item.released_at is None or latest(item.released_at, row.released_at) == row.released_at:
        return set()
    row.released_at = item.released_at
    return {Change.RELEASED}


def _write_facets(session: Session, tagged: Sequence[ItemRow], known: Sequence[ItemRow]) -> None:
    """Themes, organisations and announcements of these items; of those `known`, in place of their old ones."""
    if old := list(map(number, known)):
        for facet in (ItemThemeRow, ItemOrganisationRow, ItemAnnouncementRow):
            session.execute(delete(facet).where(col(facet.item).in_(old)))
    themes = [
        {"item": row.id, "theme": theme, "score": row.scores.get(theme, 1.0)}
        for row in tagged
        for theme in dict.fromkeys(row.themes)
    ]
    bodies = [
        {"item": row.id, "organisation": organisation}
        for row in tagged
        for organisation in dict.fromkeys(map(name_key, row.organisations))
    ]
    announced = [
        {"item": row.id, "kind": each.kind.value, "day": each.day}
        for row in tagged
        for each in map(Announced.model_validate, row.announced)
    ]
    insert_all(session, ItemThemeRow, themes)
    insert_all(session, ItemOrganisationRow, bodies)
    insert_all(session, ItemAnnouncementRow, announced)
