"""Pure. The words of subscribing and mailing as types, shared by the store, the notifier and the portal."""

from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

DEFAULT_ZONE: Final = "Europe/Berlin"


class Every(StrEnum):
    """How often a subscription may write; the order is the order of precedence when several find one story."""

    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"


PRECEDENCE: Final = tuple(Every)


def strongest(*modes: Every) -> Every:
    """Instant wins over daily, daily over weekly."""
    return min(modes, key=PRECEDENCE.index)


class Kind(StrEnum):
    """What a delivery is for."""

    CONFIRM = "confirm"
    INSTANT = "instant"
    DIGEST = "digest"
    OPERATOR = "operator"
    LINKS = "links"  # the way to all of somebody's subscriptions, because they asked
    LEFT = "left"  # what somebody ended, and the way back
    MOVE = "move"  # to a new address: whether it is right
    MOVED = "moved"  # to the old one: that it is left
    UPDATED = "updated"  # what really changed in stories that were mailed
    SAMPLE = "sample"  # what a mail would look like, because they asked; it counts as nothing
    WEBHOOK = "webhook"  # that nothing is posted to somebody's webhook any more
    KEEP = "keep"  # whether somebody who got nothing for long still wants it
    FIRST = "first"  # what the archive holds already of what somebody has just begun
    WIDER = "wider"  # wider terms, for what brought nothing for weeks


OF_MATCHES: Final = (Kind.INSTANT, Kind.DIGEST, Kind.FIRST)  # these carry stories, which count as told
OF_STORIES: Final = (*OF_MATCHES, Kind.UPDATED, Kind.SAMPLE)  # these too, by items that they name


class State(StrEnum):
    """Where a delivery stands. Only `pending` is ever claimed; only a person ends `held`.

    `dropped` had nothing left to say when its turn came: nobody was mailed, and nothing failed.
    """

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"
    DROPPED = "dropped"


class Blame(StrEnum):
    """What a delivery that failed or waits is about. Failed for nobody: its consent or its content went."""

    NOBODY = ""
    MAILBOX = "mailbox"  # this recipient's
    MAIL = "mail"  # this mail: its size, its content
    US = "us"  # the relay takes no mail of ours until somebody does something about it
    WORLD = "world"  # the relay is away, busy or at its limit: it passes


class Consent(StrEnum):
    """What a line of the consent record says."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    CHANGED = "changed"
    ENDED = "ended"
    SUSPENDED = "suspended"  # mails to the address came back: nothing is sent until it is resumed
    RESUMED = "resumed"
    ERASED = "erased"  # about the person: every row and the address go


class Why(BaseModel):
    """One reason why an item reached a person: the part of the query that it met, and the item's own words for it.

    `clause` is a part of the query in its canonical spelling (`theme:energy`, `"Cloud de confiance"`).
    """

    model_config = ConfigDict(frozen=True)

    clause: str
    passage: str = ""
