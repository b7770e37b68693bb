"""Which source reads an address: two sources at one address would bring everything twice."""

from sqlmodel import Session, col, select

from shared.errors import BadInput
from shared.identity import canonical_url
from shared.sources.catalogue import Kind
from shared.sources.tables import SourceRow


def reader_of(session: Session, url: str, *, besides: str = "") -> str | None:
    """The source, other than `besides`, that is read at `url`, however written; a newsletter reads no page."""
    readers = select(SourceRow.id, SourceRow.url).where(
        col(SourceRow.kind) != Kind.MAILBOX, col(SourceRow.id) != besides
    )
    wanted = _place(url)
    return next((source for source, address in session.exec(readers) if _place(address) == wanted), None)


def _place(url: str) -> str:
    """The address without what says how one came; http and https lead to one document."""
    try:
        return canonical_url(url).partition("://")[2]
    except BadInput:
        return url
