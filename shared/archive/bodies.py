"""Which organisations the items of the archive name, and how often."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import func, select
from sqlmodel import Session, col

from shared.archive.tables import ItemOrganisationRow
from shared.errors import NotFound
from shared.text.fold import name_key
from shared.text.organisations import Organisation, load_gazetteer


@dataclass(frozen=True, slots=True)
class Body:
    """A body that `items` items name. `organisation` is its entry in the list of bodies, None for another name."""

    name: str
    organisation: Organisation | None
    items: int


def named(session: Session) -> tuple[Body, ...]:
    """Every body that an item names, those that are named most first."""
    number = func.count()
    organisation = col(ItemOrganisationRow.organisation)
    counted = select(organisation, number).group_by(organisation).order_by(number.desc(), organisation)
    return tuple(_body(key, items) for key, items in session.execute(counted))


def one(session: Session, organisation_id: str) -> Body:
    """The body of this id in the list of bodies. Raises NotFound."""
    known = load_gazetteer().organisations.get(organisation_id)
    if known is None:
        raise NotFound(f"no organisation {organisation_id!r}")
    at = col(ItemOrganisationRow.organisation) == name_key(known.name)
    items = session.execute(select(func.count()).select_from(ItemOrganisationRow).where(at)).scalar_one()
    return Body(known.name, known, items)


def name_of(key: str) -> str:
    """The name of the body with this `name_key`; what is not in the list of bodies keeps its key."""
    known = _by_key().get(key)
    return known.name if known else key


def _body(key: str, items: int) -> Body:
    known = _by_key().get(key)
    return Body(known.name if known else key, known, items)


@cache
def _by_key() -> Mapping[str, Organisation]:
    return {name_key(each.name): each for each in load_gazetteer().organisations.values()}
