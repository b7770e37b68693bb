"""The store door of a wish that is only tried: what follows from it, in a session that is taken back."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, select

from services.notifier.assign import assign_to
from services.notifier.book import book_of
from services.notifier.first import introduce_to
from services.notifier.match import passed_over, reached
from services.notifier.matching import reach
from shared.archive.search import search
from shared.archive.store import archived_item
from shared.items import ArchivedItem
from shared.query.match import document_of
from shared.subscriptions import lifecycle
from shared.subscriptions.addresses import normalise
from shared.subscriptions.keys import Keys
from shared.subscriptions.links import confirm_token
from shared.subscriptions.open_wishes import open_wishes
from shared.subscriptions.tables import DeliveryRow, MatchRow, PersonRow, SubscriptionRow
from shared.subscriptions.wishes import Wish
from shared.subscriptions.words import Every, Kind, State

READ: Final = 200  # items that are looked through, the newest
TRIES: Final = 3  # at once, else at the hour; a bundle or quiet hours may put it off once more
BACK: Final = {Every.DAILY: timedelta(days=1), Every.WEEKLY: timedelta(days=7)}
ORDER: Final = (col(DeliveryRow.priority), col(DeliveryRow.due_at), col(DeliveryRow.id))
_EVER: Final = datetime.min.replace(tzinfo=UTC)


def asked(session: Session, wish: Wish, now: datetime, keys: Keys) -> Sequence[DeliveryRow]:
    """The confirmation; none where the person has all of this already. Raises QueryError, BadInput, BadAddress."""
    words = wish.address, wish.query, wish.every, wish.language
    lifecycle.request(session, now, *words, keys=keys, options=wish.options)
    return _pending(session, _person(session, wish).id, Kind.CONFIRM)


def introduced(session: Session, wish: Wish, now: datetime, keys: Keys) -> Sequence[DeliveryRow]:
    """What its link brings at once, after `asked`."""
    person = _person(session, wish)
    row = next((row for row in open_wishes(session, person.id, now) if row.query == wish.query), None)
    if row is None:
        return ()
    lifecycle.confirm(session, confirm_token(keys, row.id, now), now, keys=keys)
    introduce_to(session, person, now)
    return _pending(session, person.id, Kind.FIRST)


def brought(session: Session, wish: Wish, now: datetime, keys: Keys, per_hour: int) -> Sequence[DeliveryRow]:
    """Its news: of what writes at once the newest story, of a digest what came in its time, at its next hour."""
    words = wish.address, wish.query, wish.every, wish.language
    begun = lifecycle.add_confirmed(session, now, *words, keys=keys, options=wish.options)
    row, items = session.get_one(SubscriptionRow, begun.id), _lately(session, wish, now)
    row.confirmed_at = min((item.first_seen for item in items), default=now)
    session.flush()
    earlier = {each.id for each in _pending(session, row.person)}
    _match(session, row, items, now)
    at: datetime | None = now
    for _ in range(TRIES):
        if at is None:
            break
        assign_to(session, row.person, at, per_hour)
        if mails := [each for each in _pending(session, row.person) if each.id not in earlier]:
            return mails
        at = _waits_until(session, row.person)
    return ()


def _person(session: Session, wish: Wish) -> PersonRow:
    return session.exec(select(PersonRow).where(PersonRow.address == normalise(wish.address))).one()


def _pending(session: Session, person: str, *kinds: Kind) -> Sequence[DeliveryRow]:
    rows = select(DeliveryRow).where(DeliveryRow.person == person, col(DeliveryRow.state) == State.PENDING)
    if kinds:
        rows = rows.where(col(DeliveryRow.kind).in_(kinds))
    return session.exec(rows.order_by(*ORDER)).all()


def _waits_until(session: Session, person: str) -> datetime | None:
    waiting = select(func.min(MatchRow.due_at)).where(
        MatchRow.person == person, col(MatchRow.delivery_id).is_(None)
    )
    return session.exec(waiting).one()


def _lately(session: Session, wish: Wish, now: datetime) -> Sequence[ArchivedItem]:
    """What the wish finds of the time that one of its mails speaks of, the newest first."""
    since = now - BACK[wish.every] if wish.every in BACK else _EVER
    found = search(session, wish.query, limit=READ).items
    items = (archived_item(session, each.item_id) for each in found if each.first_seen >= since)
    return [item for item in items if item is not None and not passed_over(item)]


def _match(session: Session, row: SubscriptionRow, items: Sequence[ArchivedItem], now: datetime) -> None:
    """Let the subscription find these; of one that writes at once, the newest that it brings so."""
    book, at_once = book_of(session, row.person), row.every == Every.INSTANT
    for item in items:
        document = document_of(item)
        wanted = [known for known in book.matching(document) if known.id == row.id]
        people = reached(item, document, wanted, now)
        if at_once and not any(each.every is Every.INSTANT for each in people):
            continue
        reach(session, item, people, now, None, {})
        if at_once:
            break
