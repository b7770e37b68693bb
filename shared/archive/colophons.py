"""What stands beside an export that is not read yet: counted by the database."""

from sqlalchemy import func, select
from sqlmodel import Session, col

from shared.archive.about import About, Colophon
from shared.archive.search import matching
from shared.archive.tables import ItemRow


def colophon(session: Session, about: About) -> Colophon:
    """Of all items that the query finds: counts each of them. Raises QueryError."""
    wanted = matching(about.query)
    count: int = session.execute(select(func.count()).select_from(ItemRow).where(wanted)).scalar_one()
    models = session.execute(select(col(ItemRow.model)).where(wanted).distinct()).scalars()
    return Colophon(about, count, sorted(models))
