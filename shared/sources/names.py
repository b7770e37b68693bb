"""What sources are called."""

from collections.abc import Collection, Mapping

from sqlmodel import Session, col, select

from shared.sources.tables import SourceRow


def names_of(session: Session, sources: Collection[str]) -> Mapping[str, str]:
    """Source -> its name, for those of these ids that we know by one."""
    if not sources:
        return {}
    named = select(SourceRow.id, SourceRow.name).where(col(SourceRow.id).in_(sources), SourceRow.name != "")
    return dict(session.exec(named).all())
