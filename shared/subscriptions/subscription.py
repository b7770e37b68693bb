"""Pure. A subscription as pages, mails and the command line show it."""

from dataclasses import dataclass
from datetime import datetime

from shared.subscriptions.options import USUAL, Options
from shared.subscriptions.words import Every


@dataclass(frozen=True, slots=True)
class Subscription:
    """`confirmed` and `ended` tell pending, active and ended apart. `since` is when it was confirmed.

    `group` names the group whose operator owns it; empty where it is its reader's own.
    """

    id: str
    person: str
    query: str
    every: Every
    language: str
    confirmed: bool
    ended: bool
    options: Options = USUAL
    paused_until: datetime | None = None
    since: datetime | None = None
    group: str = ""

    @property
    def active(self) -> bool:
        return self.confirmed and not self.ended

    def paused(self, now: datetime) -> bool:
        """Whether nothing is sent for now."""
        return self.paused_until is not None and self.paused_until > now
