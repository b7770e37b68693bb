"""What of the archive is over by the operator's rules: found, and taken out, some at a time.

An item that is over goes as one that was taken out by hand, and its addresses say why. Of one whose text alone
is over, title, link, summary, dates and tags stay; words, vectors, earlier wordings, and what the text gave as
reasons go. Call what writes under `shared.archive.locks.alone`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlmodel import Session, col

from shared.archive.entries import Entries
from shared.archive.excerpts import beginning, room_under
from shared.archive.holdings import Holding, load
from shared.archive.removal import TEXTS, Because, remove_all
from shared.archive.rows import number
from shared.archive.tables import GIVEN_UP, ItemMeaningRow, ItemRow, RevisionRow
from shared.keep_rules import ITEM, TEXT, Limits, Origin, Rule, limits
from shared.sources.licences import terms_of
from shared.sources.store import forget_words
from shared.sources.tables import SourceRow
from shared.store import Store, memos, packing

MOST: Final = 2_000  # ids that are looked for at once
BATCH: Final = 20  # items in one transaction: others want to write, too


@dataclass(frozen=True, slots=True)
class Over:
    """Items whose time is over, and items whose texts' time is, each at most `MOST`."""

    items: Sequence[str] = ()
    texts: Sequence[str] = ()

    def batches(self) -> Iterator["Over"]:
        for start in range(0, len(self.items), BATCH):
            yield Over(items=self.items[start : start + BATCH])
        for start in range(0, len(self.texts), BATCH):
            yield Over(texts=self.texts[start : start + BATCH])


def over(session: Session, rules: Sequence[Rule], now: datetime, most: int = MOST) -> Over:
    """The oldest of what is over."""
    if not rules:
        return Over()
    by_origin = _limits(session, rules, now)
    return Over(*(_ids(session, _over(what, by_origin), most) for what in (ITEM, TEXT)))


def counts(session: Session, rules: Sequence[Rule], now: datetime) -> Mapping[str, Mapping[str, int]]:
    """`item` and `text` -> source -> how many are over. Reads the whole table."""
    found: dict[str, dict[str, int]] = {ITEM: {}, TEXT: {}}
    if not rules:
        return found
    by_origin = _limits(session, rules, now)
    for what in found:
        counted = select(col(ItemRow.source), func.count()).where(_over(what, by_origin))
        by_source = counted.group_by(col(ItemRow.source)).order_by(col(ItemRow.source))
        found[what] = dict(map(tuple, session.execute(by_source)))
    return found


def give_up(store: Store, session: Session, found: Over) -> int:
    """Take these out; how many they were. What somebody else took out meanwhile is passed over."""
    now = store.now(session)
    forget_words(session, found.items)
    gone = remove_all(session, found.items, Because.TIME, now)
    held = load(session, found.texts)
    if held:
        _give_up_texts(session, held)
        memos.write(session, TEXTS, f"{len(held)}", now)
    return gone + len(held)


def _limits(session: Session, rules: Sequence[Rule], now: datetime) -> Mapping[str, Limits]:
    """Source -> its limits; the empty one stands for all that is in no list of sources and in no rule."""
    known = session.execute(select(col(SourceRow.id), col(SourceRow.licence), col(SourceRow.kind)))
    origins = {"": Origin("")} | {rule.source: Origin(rule.source) for rule in rules}
    origins |= {id_: Origin(id_, terms_of(licence), kind) for id_, licence, kind in known}
    return {id_: limits(rules, origin, now) for id_, origin in origins.items()}


def _over(what: str, by_origin: Mapping[str, Limits]) -> ColumnElement[bool]:
    source, first_seen = col(ItemRow.source), col(ItemRow.first_seen)
    same: dict[datetime, list[str]] = defaultdict(list)
    for id_, found in by_origin.items():
        limit = found.item if what == ITEM else found.text
        if limit is not None:
            same[limit].append(id_)
    known = sorted(id_ for id_ in by_origin if id_)
    conditions = []
    for limit, ids in same.items():
        theirs = source.in_([id_ for id_ in ids if id_])
        whose = or_(theirs, source.not_in(known)) if "" in ids else theirs
        conditions.append(and_(first_seen < limit, whose))
    if what == TEXT:
        return and_(or_(*conditions), col(ItemRow.text_missing) != GIVEN_UP) if conditions else _never()
    return or_(*conditions) if conditions else _never()


def _never() -> ColumnElement[bool]:
    return col(ItemRow.id) < 0


def _ids(session: Session, over: ColumnElement[bool], most: int) -> Sequence[str]:
    oldest = select(col(ItemRow.item_id)).where(over).order_by(col(ItemRow.first_seen)).limit(most)
    return list(session.execute(oldest).scalars())


def _give_up_texts(session: Session, held: Mapping[str, Holding]) -> None:
    packing.look(session.connection())
    entries = Entries(session, held.values())
    licences = _licences(session, {one.row.source for one in held.values()})
    for one in held.values():
        row = one.row
        row.summary = row.summary or beginning(row.text, room_under(licences.get(row.source, "")))
        row.text, row.truncated, row.text_from, row.text_missing = "", False, "", GIVEN_UP
        left = f"{row.title}\n{row.summary}"
        row.announced = _still(row.announced, left)
        for verdict in one.verdicts:
            verdict.reasons = [each for each in verdict.reasons if each["passage"] in left]
            verdict.announced = _still(verdict.announced, left)
    texts = update(RevisionRow).where(col(RevisionRow.item_id).in_(held), col(RevisionRow.text) != "")
    session.execute(texts.values(text=""))
    numbers = [number(one.row) for one in held.values()]
    session.execute(delete(ItemMeaningRow).where(col(ItemMeaningRow.item).in_(numbers)))
    session.flush()
    entries.bring_in_line(held.values(), lambda _, indexed: indexed.words())


def _still(announced: Collection[Mapping[str, Any]], left: str) -> list[dict[str, Any]]:
    """What was announced stays, with its day; the text's words for it go."""
    return [{**each, "passage": each["passage"] if each["passage"] in left else ""} for each in announced]


def _licences(session: Session, sources: Collection[str]) -> Mapping[str, str]:
    found = select(col(SourceRow.id), col(SourceRow.licence)).where(col(SourceRow.id).in_(sources))
    return dict(map(tuple, session.execute(found)))
