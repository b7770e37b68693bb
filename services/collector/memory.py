"""The seen-set and what is held back: read before a decision, written after its events are durable."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from services.collector.decide import Held, Known
from services.collector.identify import Identified
from shared.items import Purpose
from shared.sources.claims import Claim
from shared.sources.tables import HeldEntry, PassedPage, SeenEntry, SourceRow
from shared.store.upsert import insert_new, upsert_all

CHUNK: Final = 400  # keys of one query; databases limit their number
_AGE: Final = attrgetter("first_at", "entry_key")
_SEEN: Final = SeenEntry.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
_OF_SOURCE: Final = _SEEN.c.source == bindparam("b_source")
_ANY: Final = sql_select(_SEEN.c.entry_key).where(_OF_SOURCE).limit(1)
_BY_KEY, _BY_URL, _BY_ITEM, _BY_TITLE, _BY_TEXT = (  # made once: it costs more than the search
    sql_select(_SEEN).where(_OF_SOURCE, _SEEN.c[name].in_(bindparam("b_keys", expanding=True)))
    for name in ("entry_key", "url_key", "item_id", "title_key", "text_key")
)


def known_entries(session: Session, source: str, entries: Sequence[Identified]) -> tuple[Known, ...]:
    """What the seen-set holds of these entries: by their keys, and under any other name of those it lacks by key
    or knows at another address.

    What is known by key comes first, then the longest known.
    """
    connection = session.connection()
    if connection.execute(_ANY, {"b_source": source}).first() is None:
        return ()  # a first poll: nothing to look for
    found = _found(connection, source, _BY_KEY, {entry.entry_key for entry in entries})
    others: dict[str, Any] = {}
    if fresh := [entry for entry in entries if _may_be_another(entry, found.get(entry.entry_key))]:
        ids = {entry.fresh_id for entry in fresh}
        for statement, keys in (
            (_BY_URL, ids),
            (_BY_ITEM, ids),
            (_BY_TITLE, {entry.title_key for entry in fresh}),
            (_BY_TEXT, {entry.text_key for entry in fresh} - {""}),
        ):
            others |= _found(connection, source, statement, keys)
    others = {key: row for key, row in others.items() if key not in found}
    return tuple(_known(row) for each in (found, others) for row in sorted(each.values(), key=_AGE))


def _may_be_another(entry: Identified, row: Any) -> bool:
    return row is None or bool(row.url_key and entry.url_key and row.url_key != entry.url_key)


def _found(connection: Connection, source: str, statement: Any, keys: Collection[str]) -> dict[str, Any]:
    """The rows that a statement finds, by their keys."""
    found: dict[str, Any] = {}
    for chunk in _chunks(keys):
        rows = connection.execute(statement, {"b_source": source, "b_keys": chunk})
        found |= {row.entry_key: row for row in rows}
    return found


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


def _known(row: Any) -> Known:
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
        seen_at=row.first_at,
    )


def _in_chunks(column: Any, keys: Iterable[str]) -> Iterator[ColumnElement[bool]]:
    return map(column.in_, _chunks(keys))


def _chunks(keys: Iterable[str]) -> Iterator[Sequence[str]]:
    waiting = iter(keys)
    while chunk := tuple(islice(waiting, CHUNK)):
        yield chunk
