"""Pure. What a reader chooses about one subscription besides its words: when it writes, and how sure it must be.

Hours are whole ones of the subscription's own zone. `weekday` counts for weekly subscriptions, quiet hours and
strength for instant ones; the others keep theirs, for whoever changes back.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from shared.errors import BadInput
from shared.subscriptions.words import DEFAULT_ZONE, Every

SURE: Final = 0.8  # the score from which "fewer, surer" takes a tag at once
MONDAY: Final = 0
SEVEN: Final = 7
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Strength(StrEnum):
    """Which tags an instant subscription takes at once. What the other would have brought comes the next day."""

    FEWER = "fewer"  # those at `SURE` and above; the rest goes into the next daily digest
    MORE = "more"  # all of them


@dataclass(frozen=True, slots=True)
class Options:
    """`quiet_from` to `quiet_until`: hours in which no instant mail comes, past midnight too; None: none.

    `updates`: a mail also where the text of a story that was mailed really changed.
    """

    weekday: int = MONDAY
    hour: int = SEVEN
    zone: str = DEFAULT_ZONE
    quiet_from: int | None = None
    quiet_until: int | None = None
    strength: Strength = Strength.FEWER
    updates: bool = False

    @property
    def quiet(self) -> tuple[int, int] | None:
        """The quiet hours, where there are any."""
        if self.quiet_from is None or self.quiet_until is None or self.quiet_from == self.quiet_until:
            return None
        return self.quiet_from, self.quiet_until

    def told(self, every: Every) -> str:
        """As the consent record keeps them: only what counts for this mode."""
        updates = " updates" if self.updates else ""
        if every is Every.INSTANT:
            quiet = f" quiet {self.quiet[0]:02}-{self.quiet[1]:02}" if self.quiet else ""
            return f"{self.strength}{quiet} {self.zone}{updates}"
        day = f"{WEEKDAYS[self.weekday]} " if every is Every.WEEKLY else ""
        return f"{day}{self.hour:02}:00 {self.zone}{updates}"


USUAL: Final = Options()


def checked_options(options: Options) -> Options:
    """The same, with quiet hours that are none left out. Raises BadInput with the reason."""
    if not MONDAY <= options.weekday < len(WEEKDAYS):
        raise BadInput(f"a weekday is one of 0 (Monday) to 6, not {options.weekday}")
    for hour in (options.hour, options.quiet_from, options.quiet_until):
        if hour is not None and not 0 <= hour < 24:
            raise BadInput(f"an hour is one of 0 to 23, not {hour}")
    if options.zone not in zones():
        raise BadInput(f"{options.zone!r} is no time zone; one is written as Europe/Paris")
    quiet = options.quiet or (None, None)
    strength = Strength(options.strength)
    return Options(
        options.weekday, options.hour, options.zone, quiet[0], quiet[1], strength, updates=options.updates
    )


def mode(every: Every, strength: Strength, *, sure: bool) -> Every:
    """How a subscription brings a story that it finds by its surest tags alone, or not."""
    waits = every is Every.INSTANT and strength is Strength.FEWER and not sure
    return Every.DAILY if waits else every


@cache
def zones() -> frozenset[str]:
    """The zones that people live in, as of the IANA data; names of one piece are old spellings."""
    return frozenset(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")) | {
        "UTC"
    }


def is_quiet(options: Options, moment: datetime) -> bool:
    """Whether no instant mail goes now."""
    if options.quiet is None:
        return False
    begins, ends = options.quiet
    hour = moment.astimezone(ZoneInfo(options.zone)).hour
    return begins <= hour < ends if begins < ends else hour >= begins or hour < ends
