"""What follows from a mail that came back, or from a complaint: for the mail's row, and for who got it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from services.notifier.bounces.read import Bounce
from services.notifier.bounces.status import Verdict
from services.notifier.provider import REFUSED, came_back
from shared.errors import BadLink
from shared.subscriptions.complaints import complained
from shared.subscriptions.keys import Keys
from shared.subscriptions.links import Purpose, bounced_mail, leaves, verify
from shared.subscriptions.suspensions import anew_since
from shared.subscriptions.tables import DeliveryRow
from shared.subscriptions.words import Blame, State
from shared.telemetry.facts import Weight
from shared.telemetry.notices import raise_notice
from shared.telemetry.told import told

ORIGIN: Final = "bounce"
CAME_BACK: Final = "came back: "  # begins what a row of the ledger says of it


@dataclass(frozen=True, slots=True)
class Followed:
    """`delivery` is the mail of ours that it was about; `said` is what was done, or why nothing."""

    delivery: str | None
    said: str
    suspended: bool = False


def identified(session: Session, bounce: Bounce, keys: Keys | None, now: datetime) -> str | None:
    """Which mail of ours it is about: what we signed says it, or a Message-ID of the ledger.

    `keys` are None where none was ever made.
    """
    if keys is not None:
        signed = [bounced_mail(keys, token) for token in bounce.tokens]
        signed += [_of_link(keys, link, now) for link in bounce.links]
        if mail := next(filter(None, signed), None):
            return mail
    known = session.get(DeliveryRow, bounce.mail) if bounce.mail else None
    return known.id if known else None


def follow(session: Session, bounce: Bounce, keys: Keys, now: datetime) -> Followed:
    """Do what it asks for. A second time that is nothing, nor for what was sent before somebody confirmed anew."""
    if bounce.verdict is Verdict.NOTHING:
        return Followed(None, "it says nothing of a mail of ours")
    delivery = identified(session, bounce, keys, now)
    if delivery is None:
        return Followed(None, "it names no mail of ours: nothing follows from it")
    row = session.get(DeliveryRow, delivery)
    if row is None:
        return Followed(delivery, "its mail is not in the ledger any more")
    if row.person is None:
        return Followed(delivery, "it went to an operator")
    if bounce.verdict is Verdict.DELAYED:
        return Followed(delivery, "it is still tried")
    return _follow(session, bounce, row, row.person, keys, now)


def _follow(
    session: Session, bounce: Bounce, row: DeliveryRow, person: str, keys: Keys, now: datetime
) -> Followed:
    if bounce.verdict is Verdict.COMPLAINT:
        ended = complained(session, person, now, keys=keys, delivery=row.id, origin=ORIGIN)
        said = "its reader called it unwanted: everything of theirs has ended" if ended else "it was known"
        return Followed(row.id, said, ended)
    sent = row.sent_at or row.created_at
    if anew_since(session, person, sent):
        return Followed(row.id, "its reader confirmed anew since")
    _remember(session, row, bounce)
    if (bounce.code or "").startswith("5.7."):
        raise_notice(session, REFUSED, Weight.WARNING, told(REFUSED, said=bounce.said), now)
    suspended = came_back(
        session,
        person,
        now,
        keys=keys,
        delivery=row.id,
        code=bounce.code or "",
        reason=bounce.said,
        permanent=bounce.verdict is Verdict.PERMANENT,
        origin=ORIGIN,
        sent=sent,
    )
    return Followed(row.id, "its reader gets nothing more" if suspended else "it is remembered", suspended)


def _remember(session: Session, row: DeliveryRow, bounce: Bounce) -> None:
    """Operators see it where they see the mail, which the relay took all the same."""
    if row.state != State.SENT:
        return
    row.error = f"{CAME_BACK}{bounce.said or bounce.code or bounce.verdict}"
    row.blame = Blame.MAILBOX
    session.add(row)


def _of_link(keys: Keys, link: str, now: datetime) -> str | None:
    try:
        return leaves(verify(keys, Purpose.LEAVE, link, now)).mail or None
    except BadLink:
        return None
