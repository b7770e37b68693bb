"""When what a query finds last changed: asked by every feed and export, to know whether there is anything new.

An item came when it was first seen, and got other words when it was revised. So the newest arrivals are looked at
first, then what was revised since: what finds much finds one of them. Only for the rest all hits are gone through.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import func, select
from sqlmodel import Session, col

from shared.archive import places_found
from shared.archive.renewal import is_through
from shared.archive.tables import ItemRow, PlaceRow
from shared.query.plan import Plan, plan
from shared.query.sql import condition
from shared.query.syntax import parse

NEWEST: Final = 1_000  # that are looked at
_FEWER: Final = 10  # times as few at first, and at the very first again: what is common is among them


def newest_change(session: Session, query_text: str = "", *, among: int = NEWEST) -> datetime | None:
    """When an item that the query finds last came in or got other words; None when it finds nothing.

    `among` the newest it is looked for first. Raises QueryError.
    """
    query = parse(query_text)
    if is_through(session):
        wanted = plan(query)
        came = _newest(session, wanted, among, col(ItemRow.first_seen))
        if came is not None:
            since = col(ItemRow.revision) > 1, col(ItemRow.revised_at) > came
            revised = _newest(session, wanted, among, col(ItemRow.revised_at), *since)
            if revised is not None:
                return revised
            if not _are_more(session, among, since):
                return came
    newest = select(func.max(col(ItemRow.revised_at))).where(condition(query))
    moment: datetime | None = session.execute(newest).scalar_one()
    return moment


def _newest(session: Session, wanted: Plan, among: int, moment: Any, *those: Any) -> datetime | None:
    """The newest such moment of what is found, if it is among the newest of all."""
    both: Any = select(col(PlaceRow.place), moment).join(ItemRow, col(ItemRow.id) == col(PlaceRow.item))
    newest = both.where(*those).order_by(moment.desc())
    for begin, end in pairwise((0, among // _FEWER**2, among // _FEWER, among)):
        some: Sequence[tuple[int, datetime]] = session.execute(newest.offset(begin).limit(end - begin)).all()
        found = places_found.of_these(session, wanted, [place for place, _ in some])
        if times := [at for place, at in some if place in found]:
            return max(times)
    return None


def _are_more(session: Session, among: int, those: Sequence[Any]) -> bool:
    """Whether there are more than were looked at."""
    beyond = select(col(ItemRow.id)).where(*those).offset(among).limit(1)
    return session.execute(beyond).first() is not None
