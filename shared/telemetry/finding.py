"""Pure. What a finding is, which kinds there are, and how their sentences count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.telemetry.facts import Weight

RED, WARNING = Weight.RED, Weight.WARNING
# every kind of finding -> its weight; notices of the stages bring kinds of their own beside these
KINDS: Final[Mapping[str, Weight]] = {
    "stage.silent": RED,
    "stage.red": RED,
    "stage.stands": RED,
    "stage.dead": RED,
    "world.trouble": RED,
    "world.future": RED,
    "world.room": WARNING,
    "sources.none": WARNING,
    "sources.silent": RED,
    "sources.many": RED,
    "source.sick": WARNING,
    "source.held": WARNING,
    "sources.quiet": WARNING,
    "mails.overdue": RED,
    "mails.unmade": RED,
    "mails.failed": RED,
    "mailbox.dead": WARNING,
    "deliveries.held": RED,
}
NAMED: Final = 5  # names that a sentence lists


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that needs a look. `id` is its kind, `subject` what it is about: a stage, a source, or nothing.

    `remedy` names a command or a page. `since` is when it began, where that is known. `notice` is the key under
    which an operator may clear it, empty for what only ends with its cause.
    """

    id: str
    weight: Weight
    subject: str
    reason: str
    remedy: str
    since: datetime | None = None
    notice: str = ""


def finding(kind: str, subject: str, reason: str, remedy: str, since: datetime | None = None) -> Finding:
    """A finding of one of KINDS, with its weight."""
    return Finding(kind, KINDS[kind], subject, reason, remedy, since)


def counted(number: int, one: str, many: str = "") -> str:
    """`1 mail`, `2,000 mails`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def listed(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
