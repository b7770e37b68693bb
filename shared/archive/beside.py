"""Which themes stand beside one: those that its newest items are tagged with, too."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select
from sqlmodel import Session, col

from shared.archive.tables import ItemThemeRow

NEWEST: Final = 1000  # items of a theme that are looked at
NEAREST: Final = 2


def beside(session: Session, theme: str) -> Sequence[str]:
    """The themes that come most often with `theme`, the commonest first."""
    newest = select(col(ItemThemeRow.item)).where(col(ItemThemeRow.theme) == theme)
    items = newest.order_by(col(ItemThemeRow.item).desc()).limit(NEWEST).subquery()
    number = func.count()
    common = (
        select(col(ItemThemeRow.theme))
        .join(items, items.c.item == col(ItemThemeRow.item))
        .where(col(ItemThemeRow.theme) != theme)
        .group_by(col(ItemThemeRow.theme))
        .order_by(number.desc(), col(ItemThemeRow.theme))
        .limit(NEAREST)
    )
    return session.execute(common).scalars().all()
