"""The seen-set and what is held back: read before a decision, written after its events are durable."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from services.collector.decide import Held, Known
from services.collector.identify import Identified
from shared.items import Purpose
from shared.sources.claims import Claim
from shared.sources.tables import HeldEntry, PassedPage, SeenEntry, SourceRow
from shared.store.upsert import insert_new, upsert_all

_ANY: Final = sql_select(col(SeenEntry.entry_key)).where(col(SeenEntry.source) == bindparam("b_source")).limit(1)
CHUNK: Final = 400  # keys of one query; databases limit their number


def known_entries(session: Session, source: str, entries: Sequence[Identified]) -> tuple[Known, ...]:
    """What the seen-set holds under any of the names of these entries."""
    if session.connection().execute(_ANY, {"b_source": source}).first() is None:
        return ()  # a first poll: nothing to look for
    ids = {entry.fresh_id for entry in entries}
    lookups = (
        (col(SeenEntry.entry_key), {entry.entry_key for entry in entries}),
        (col(SeenEntry.url_key), ids),
        (col(SeenEntry.item_id), ids),
        (col(SeenEntry.title_key), {entry.title_key for entry in entries}),
        (col(SeenEntry.text_key), {entry.text_key for entry in entries} - {""}),
    )
    rows: dict[str, SeenEntry] = {}
    for column, keys in lookups:
        for condition in _in_chunks(column, keys):
            found = session.exec(select(SeenEntry).where(SeenEntry.source == source, condition))
            rows |= {row.entry_key: row for row in found}
    return tuple(_known(row) for row in rows.values())


def claimed_rows(session: Session, claims: Sequence[Claim]) -> Mapping[str, SourceRow]:
    """The rows of claimed sources by their ids, locked; without those whose claims are no longer ours."""
    tokens = {claim.source: claim.token for claim in claims}
    rows: dict[str, SourceRow] = {}
    for condition in _in_chunks(col(SourceRow.id), sorted(tokens)):
        held = select(SourceRow).where(condition).order_by(col(SourceRow.id)).with_for_update()
        rows |= {row.id: row for row in session.exec(held) if row.claim_token == tokens[row.id]}
    return rows


def release(row: SourceRow) -> None:
    """Give the claim back."""
    row.claim_token = row.claimed_by = row.claimed_until = None


def remember(session: Session, found: Iterable[tuple[str, Iterable[Known]]], now: datetime) -> None:
    """Write the decided entries of these sources into the seen-set."""
    rows = [
        {
            "source": source,
            "entry_key": entry.entry_key,
            "item_id": entry.item_id,
            "url_key": entry.url_key,
            "title_key": entry.title_key,
            "text_key": entry.text_key,
            "fingerprint": entry.fingerprint,
            "title": entry.title,
            "content_hash": entry.content_hash,
            "purpose": entry.purpose.value,
            "published": entry.published,
            "first_at": now,
        }
        for source, known in found
        for entry in known
    ]
    upsert_all(session, SeenEntry, ("source", "entry_key"), rows)


def hold(session: Session, source: str, held: Iterable[Held], now: datetime) -> None:
    """Keep what is held back, beside the seen-set."""
    for one in held:
        waiting: dict[str, Any] = {
            "source": source,
            "entry_key": one.entry_key,
            "item_id": one.item.item_id,
            "title": one.item.title,
            "reason": one.reason,
            "held_at": now,
            "collected": one.item.model_dump(mode="json"),
        }
        insert_new(session, HeldEntry, waiting)


def is_known(session: Session, source: str, item_id: str) -> bool:
    """Whether the source has shown this item; not, whether its page was passed over."""
    known = select(SeenEntry.item_id).where(SeenEntry.source == source, SeenEntry.item_id == item_id)
    return session.exec(known.limit(1)).first() is not None


def seen_pages(session: Session, source: str, ids: Iterable[str]) -> frozenset[str]:
    """Of these item ids, those of pages that brought an entry or were passed over."""
    found: set[str] = set()
    for condition in _in_chunks(col(SeenEntry.url_key), ids):
        rows = session.exec(select(SeenEntry.url_key).where(SeenEntry.source == source, condition))
        found |= {key for key in rows if key}
    for condition in _in_chunks(col(PassedPage.url_key), ids):
        found |= set(session.exec(select(PassedPage.url_key).where(PassedPage.source == source, condition)))
    return frozenset(found)


def pass_over(session: Session, source: str, ids: Iterable[str], now: datetime) -> None:
    """Remember pages that are no publication, so that each is fetched once."""
    for id_ in ids:
        insert_new(session, PassedPage, {"source": source, "url_key": id_, "at": now})


def _known(row: SeenEntry) -> Known:
    return Known(
        entry_key=row.entry_key,
        item_id=row.item_id,
        content_hash=row.content_hash,
        purpose=Purpose(row.purpose),
        url_key=row.url_key,
        title_key=row.title_key,
        text_key=row.text_key,
        fingerprint=row.fingerprint,
        title=row.title,
        published=row.published,
    )


def _in_chunks(column: Any, keys: Iterable[str]) -> Iterator[ColumnElement[bool]]:
    waiting = iter(keys)
    while chunk := tuple(islice(waiting, CHUNK)):
        yield column.in_(chunk)
