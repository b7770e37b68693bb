"""The store door of deadlines: the calls that end soon after a digest, for whoever's query finds them.

Read once for a batch of mails, and asked of each digest's subscriptions. A call is named in each digest until it
is over, the nearest first, also where its story was mailed before: that is what a reader would forget.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlmodel import Session

from services.notifier.letters import Closing, Speaking
from services.notifier.still import finds
from shared.archive.announcing import announced_on
from shared.archive.holdings import load
from shared.items import Announcement, ArchivedItem

SOON: Final = timedelta(days=14)
READ: Final = 200  # calls, those that end first
NAMED: Final = 5  # of them in a digest


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is open, the story that it stands in, and how a letter names it."""

    item: ArchivedItem
    root: str
    named: Closing


def calls_of(session: Session, days: Collection[date]) -> Sequence[Call]:
    """The calls that end soon after digests of these days, the nearest first."""
    if not days:
        return ()
    ids = announced_on(session, Announcement.CALL, min(days), max(days) + SOON, READ)
    held = load(session, ids)
    calls = []
    for item_id in ids:
        if item_id not in held:
            continue
        row, item = held[item_id].row, held[item_id].state()
        day = next((said.day for said in item.verdict.announced if said.kind is Announcement.CALL), None)
        if day is not None:
            named = Closing(
                day, item_id, item.title, item.url, row.source_name or row.source, item.verdict.language
            )
            calls.append(Call(item, held[item_id].root, named))
    return calls


def closing(
    calls: Sequence[Call], speaking: Collection[Speaking], told: Collection[str], day: date
) -> tuple[Closing, ...]:
    """Those that a digest of this day names: what its subscriptions find, a story once, and not what it tells."""
    seen, named = set(told), list[Closing]()
    for call in calls:
        fits = day <= call.named.day <= day + SOON and call.root not in seen
        if fits and any(finds(each.query, call.item) for each in speaking):
            seen.add(call.root)
            named.append(call.named)
        if len(named) == NAMED:
            break
    return tuple(named)
