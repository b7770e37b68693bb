"""People's words on labels: taken down for good, and given out as the labels of an evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from shared.archive.holdings import load
from shared.archive.shelf import Shelf
from shared.archive.tables import CorrectionRow
from shared.archive.verdicts import FRANCO_GERMAN, SOVEREIGNTY
from shared.errors import BadInput, NotFound
from shared.items import ArchivedItem, Verdict
from shared.themes import themes


@dataclass(frozen=True, slots=True)
class CorrectedItem:
    """An item with its verdict as it counts, and what people said: label -> 0..1, lastly at `at`."""

    item: ArchivedItem
    said: Mapping[str, float]
    at: datetime


def correct(
    session: Session,
    item_id: str,
    said: Mapping[str, float],
    now: datetime,
    *,
    note: str = "",
    checked: bool = False,
) -> Verdict:
    """Keep a person's words (label -> 0..1, from 0.5 on it holds) and return the verdict that counts then.

    A label is a theme id, `sovereignty` or `franco_german`. `checked`: the person read every label, so those that
    nobody spoke of are confirmed as they stand. Raises NotFound for the item, BadInput for a label or a value.
    Call it `shared.archive.locks.alone`, so that no write is lost.
    """
    _refuse_nonsense(said)
    shelf = Shelf(session, load(session, [item_id]))
    held = shelf.holdings.get(item_id)
    if held is None:
        raise NotFound(f"the archive has no item {item_id!r}. `vigie search` finds items and their ids.")
    for label, value in said.items():
        shelf.correct(held, label, value, now, note)
    if checked:
        for label, value in _as_it_stands(held.verdict()[0]).items():
            if label not in held.corrections:
                shelf.correct(held, label, value, now, note)
    shelf.write_back()
    return held.verdict()[0]


def corrected_items(
    session: Session, *, since: datetime | None = None, after: str = "", limit: int = 200
) -> tuple[CorrectedItem, ...]:
    """Items that people corrected, at `since` or later, in order of their ids beyond `after`."""
    at = func.max(col(CorrectionRow.corrected_at))
    wanted = (
        select(col(CorrectionRow.item_id), at)
        .where(col(CorrectionRow.item_id) > after)
        .group_by(col(CorrectionRow.item_id))
        .order_by(col(CorrectionRow.item_id))
        .limit(limit)
    )
    if since is not None:
        wanted = wanted.having(at >= since)
    times = dict(session.execute(wanted).all())
    held = load(session, times)
    return tuple(
        CorrectedItem(held[item_id].state(), dict(held[item_id].corrections), time)
        for item_id, time in times.items()
        if item_id in held
    )


def _refuse_nonsense(said: Mapping[str, float]) -> None:
    known = (*themes(), SOVEREIGNTY, FRANCO_GERMAN)
    for label, value in said.items():
        if label not in known:
            raise BadInput(f"{label!r} is no label; known are {', '.join(known)}")
        if not 0 <= value <= 1:
            raise BadInput(f"{label} goes from 0 to 1, not {value}")


def _as_it_stands(verdict: Verdict) -> Mapping[str, float]:
    """Every label with its value: themes yes or no, sovereignty as a degree."""
    given = {theme: float(theme in verdict.themes) for theme in themes()}
    return {**given, SOVEREIGNTY: verdict.sovereignty, FRANCO_GERMAN: float(verdict.franco_german)}
