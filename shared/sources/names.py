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


def source_names(session: Session) -> dict[str, str]:
    """Source id -> the name that people know it by, for all sources."""
    return {id_: name or id_ for id_, name in session.exec(select(SourceRow.id, SourceRow.name))}
