"""What may be shown of items in a list: their words, and how much of them their sources' terms let us quote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlmodel import Session, col

from shared.archive.tables import ItemRow
from shared.sources.licences import Terms, terms_of
from shared.sources.tables import SourceRow
from shared.store.packing import PackedText

READ: Final = 6_000  # characters of a text that are looked at for a hit
OPEN: Final = 400  # characters that are quoted under a licence that asks for no more than the name
USUAL: Final = 260
RESERVED: Final = 120  # where the terms keep other uses for the publisher: a very short excerpt
_MORE: Final = " …"
_ROOM: Final[Mapping[Terms, int]] = {Terms.OPEN: OPEN, Terms.USUAL: USUAL, Terms.RESERVED: RESERVED}


@dataclass(frozen=True, slots=True)
class Words:
    """Of an item's body, from its beginning on; at most `room` characters of it may be shown."""

    body: str
    room: int


def words_of(session: Session, item_ids: Sequence[str]) -> Mapping[str, Words]:
    """Item id -> its words. The summary stands first where the text does not begin with it."""
    if not item_ids:
        return {}
    text = func.substr(col(ItemRow.text), 1, READ, type_=PackedText())
    chosen = select(col(ItemRow.item_id), col(ItemRow.summary), text, col(SourceRow.licence))
    joined = chosen.select_from(ItemRow).outerjoin(SourceRow, col(SourceRow.id) == col(ItemRow.source))
    rows = session.execute(joined.where(col(ItemRow.item_id).in_(item_ids)))
    return {
        id_: Words(_body(summary, text[:READ]), room_under(licence or "")) for id_, summary, text, licence in rows
    }


def room_under(licence: str) -> int:
    """Characters of an excerpt that a source's terms allow, as the catalogue words them."""
    return _ROOM[terms_of(licence)]


def beginning(text: str, room: int = RESERVED) -> str:
    """The first words of a text; by default so few that every source's terms allow them."""
    words = " ".join(text[: 2 * room].split())
    if len(words) <= room:
        return words
    end = words.rfind(" ", 0, room - len(_MORE) + 1)
    return words[: max(end, 0)] + (_MORE if end > 0 else _MORE.strip())


def _body(summary: str, text: str) -> str:
    return text if text.startswith(summary) else f"{summary} {text}".strip()
