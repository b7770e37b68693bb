"""Pure. The mails of a mailbox that were not taken, kept for two weeks so that somebody sees them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

KEPT: Final = timedelta(days=14)
MOST: Final = 20  # mails and domains that are kept


@dataclass(frozen=True, slots=True)
class Refusal:
    """A mail of an allowed sender that was not taken: when it came, of whom, what it is called, and why."""

    at: datetime
    sender: str
    subject: str
    why: str


@dataclass(frozen=True, slots=True)
class Others:
    """Mails of a domain that is not on the list: how many, and when the last one came."""

    domain: str
    mails: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Refusals:
    """`mails` newest first. `others` came of senders that are not allowed, and are nobody's business."""

    mails: tuple[Refusal, ...] = ()
    others: tuple[Others, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.mails or self.others)

    def stored(self) -> dict[str, Any]:
        """As the table of sources keeps it."""
        return {
            "mails": [asdict(mail) | {"at": mail.at.isoformat()} for mail in self.mails],
            "others": [asdict(one) | {"last": one.last.isoformat()} for one in self.others],
        }


def restored(stored: Mapping[str, Any] | None) -> Refusals:
    """What `stored` gave."""
    if not stored:
        return Refusals()
    return Refusals(
        tuple(Refusal(**(mail | {"at": datetime.fromisoformat(mail["at"])})) for mail in stored["mails"]),
        tuple(Others(**(one | {"last": datetime.fromisoformat(one["last"])})) for one in stored["others"]),
    )


def joined(old: Refusals, new: Refusals, now: datetime) -> Refusals:
    """Both, each mail once, without what is older than two weeks."""
    mails = sorted({*old.mails, *new.mails}, key=lambda mail: mail.at, reverse=True)
    others = {one.domain: one for one in old.others}
    for one in new.others:
        before = others.get(one.domain)
        others[one.domain] = replace(one, mails=one.mails + before.mails) if before else one
    kept = sorted((one for one in others.values() if one.last > now - KEPT), key=lambda one: -one.mails)
    return Refusals(tuple(mail for mail in mails if mail.at > now - KEPT)[:MOST], tuple(kept[:MOST]))
