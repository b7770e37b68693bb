"""What would be mailed, without mailing it: made by the hands that mail, in a transaction that is taken back.

Nothing is sent, counted or kept. What a mail says is exact; the id of one that is not in the ledger yet is not: it
is drawn again when that mail is made.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, select

from services.notifier.assign import assign_to, people_with_due
from services.notifier.first import introduce_to, somebody_owed
from services.notifier.gather import Nothing, letters_of
from services.notifier.letters import Letter
from services.notifier.mime import Mail
from services.notifier.pen import Pen
from services.notifier.wished import ORDER, asked, brought, introduced
from shared.errors import NotFound
from shared.store import Store
from shared.subscriptions.links import Links
from shared.subscriptions.people import find
from shared.subscriptions.tables import DeliveryRow, MatchRow, PersonRow
from shared.subscriptions.wishes import Wish
from shared.subscriptions.words import PRECEDENCE, Kind, State

MOST: Final = 20  # mails, and people that are looked at for them

LinksOf = Callable[[Session], Links]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A mail, when it would go, and how its delivery stands; without a mail, why it would not go."""

    delivery: str
    kind: Kind
    state: State
    at: datetime
    mail: Mail | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Draft:
    about: Rehearsed
    said: Letter | Nothing
    links: Links


class Rehearsal:
    """Looks at one store. `links` is asked in a session that may write: keys that are missing are made and go."""

    def __init__(self, store: Store, pen: Pen, links: LinksOf, per_hour: int) -> None:
        self._store, self._pen, self._links, self._per_hour = store, pen, links, per_hour

    def now(self, address: str = "", most: int = MOST) -> Sequence[Rehearsed]:
        """What would go now: to one person, or to all, the first `most`. Raises BadAddress, NotFound."""
        with self._store.rehearsing() as session:
            drafts = self._due(session, self._store.now(session), address, most)
        return self._written(drafts)

    def next(self, address: str = "", most: int = MOST) -> Sequence[Rehearsed]:
        """What would go at the next moment at which something is due, of what is there by now."""
        with self._store.rehearsing() as session:
            at = self._next_at(session, address)
            drafts = self._due(session, at, address, most) if at else ()
        return self._written(drafts)

    def next_at(self, address: str = "") -> datetime | None:
        """When that is; None where nothing waits."""
        with self._store.rehearsing() as session:
            return self._next_at(session, address)

    def these(self, deliveries: Sequence[str]) -> Sequence[Rehearsed]:
        """These of the ledger, whatever became of them, as they would go now. Raises NotFound."""
        with self._store.rehearsing() as session:
            rows = list[DeliveryRow]()
            for id_ in deliveries:
                row = session.get(DeliveryRow, id_)
                if row is None:
                    raise NotFound(f"no delivery {id_!r}. `vigie deliveries list` names them.")
                rows.append(row)
            drafts = self._drafts(session, rows, self._store.now(session))
        return self._written(drafts)

    def wish(self, wish: Wish, *, confirmed: bool = False) -> Sequence[Rehearsed]:
        """What somebody would get who asks for this: the confirmation, the first mail once it is confirmed, and
        then what it brings, made of what came lately. Raises Conflict for who called our mail unwanted.
        """
        drafts: list[_Draft] = []
        if not confirmed:
            with self._store.rehearsing() as session:
                now, keys = self._store.now(session), self._links(session).keys
                drafts += self._drafts(session, asked(session, wish, now, keys), now)
                drafts += self._drafts(session, introduced(session, wish, now, keys), now)
        with self._store.rehearsing() as session:
            now, keys = self._store.now(session), self._links(session).keys
            rows = brought(session, wish, now, keys, self._per_hour)
            drafts += self._drafts(session, rows, max((row.due_at for row in rows), default=now))
        return self._written(drafts)

    def _due(self, session: Session, at: datetime, address: str, most: int) -> Sequence[_Draft]:
        due = select(DeliveryRow).where(col(DeliveryRow.state) == State.PENDING, col(DeliveryRow.due_at) <= at)
        if address:
            person = find(session, address).id
            introduce_to(session, session.get_one(PersonRow, person), at)
            assign_to(session, person, at, self._per_hour)
            due = due.where(DeliveryRow.person == person)
        else:
            self._everybody(session, at, most)
        return self._drafts(session, session.exec(due.order_by(*ORDER).limit(most)).all(), at)

    def _everybody(self, session: Session, at: datetime, most: int) -> None:
        seen = 0
        while seen < most and (owed := somebody_owed(session)):
            introduce_to(session, session.get_one(PersonRow, owed), at)
            seen += 1
        for mode in PRECEDENCE:
            while seen < most and (people := people_with_due(session, mode, at)):
                for person in people[: most - seen]:
                    assign_to(session, person, at, self._per_hour)
                seen += len(people)

    def _next_at(self, session: Session, address: str) -> datetime | None:
        now = self._store.now(session)
        mails = select(func.min(DeliveryRow.due_at)).where(
            col(DeliveryRow.state) == State.PENDING, col(DeliveryRow.due_at) > now
        )
        matches = select(func.min(MatchRow.due_at)).where(
            col(MatchRow.delivery_id).is_(None), col(MatchRow.due_at) > now
        )
        if address:
            person = find(session, address).id
            assign_to(session, person, now, self._per_hour)  # what has just come does not know its hour yet
            mails, matches = mails.where(DeliveryRow.person == person), matches.where(MatchRow.person == person)
        times = session.exec(mails).one(), session.exec(matches).one()
        return min((each for each in times if each is not None), default=None)

    def _drafts(self, session: Session, rows: Sequence[DeliveryRow], at: datetime) -> Sequence[_Draft]:
        if not rows:
            return ()
        letters, links = letters_of(session, rows, at), self._links(session)
        return [
            _Draft(
                Rehearsed(row.id, Kind(row.kind), State(row.state), max(at, row.due_at), None),
                letters[row.id],
                links,
            )
            for row in rows
        ]

    def _written(self, drafts: Sequence[_Draft]) -> Sequence[Rehearsed]:
        """After the transaction: nobody waits while mails are put into words."""
        return tuple(
            replace(draft.about, reason=draft.said.reason)
            if isinstance(draft.said, Nothing)
            else replace(draft.about, mail=self._pen.write(draft.said, draft.links, draft.about.at))
            for draft in drafts
        )
