"""Pure. The form of a subscription as it was filled in: boxes, words, how often, and the options.

A choice that the form does not offer falls back to the usual one; what a reader types and is wrong is said.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from services.portal.boxes import COUNTRIES, choices_of
from services.portal.choices import Choices
from shared.errors import QueryError
from shared.items import LANGUAGES
from shared.subscriptions.options import USUAL, WEEKDAYS, Options, Strength, zones
from shared.subscriptions.subscription import Subscription
from shared.subscriptions.words import Every
from shared.themes import themes

SUGGESTED: Final = (  # zones that the form offers; any other may be typed
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Brussels",
    "Europe/London",
    "America/Cayenne",
    "America/Martinique",
    "America/Miquelon",
    "Indian/Reunion",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "America/New_York",
    "UTC",
)
Fields = Callable[[str], Sequence[str]]  # the name of a field -> what was sent for it


@dataclass(frozen=True, slots=True)
class Wanted:
    """The form as it was filled in. `everything`: its reader was asked, and wants all."""

    choices: Choices
    every: Every
    language: str
    options: Options = USUAL
    everything: bool = False
    address: str = ""

    @property
    def unsaid(self) -> bool:
        """Nothing is ticked or written, which may be an oversight."""
        return self.choices.everything and not self.everything

    @property
    def bad_zone(self) -> bool:
        return self.options.zone not in zones()


def wanted_of(fields: Fields, language: str) -> Wanted:
    """The form as it was sent, on a page in this language."""
    every = _one(fields, "every")
    tongue = _one(fields, "language")
    return Wanted(
        choices=Choices(
            _one(fields, "q").replace("\0", " "),
            _known(fields("theme"), themes()),
            _known(fields("in"), LANGUAGES),
            _known(fields("country"), COUNTRIES),
            franco_german=bool(_one(fields, "bilateral")),
            sovereign=bool(_one(fields, "sovereign")),
        ),
        every=Every(every) if every in list(Every) else Every.DAILY,
        language=tongue if tongue in LANGUAGES else language,
        options=_options(fields),
        everything=bool(_one(fields, "everything")),
        address=_one(fields, "address"),
    )


def wanted_as(subscription: Subscription) -> Wanted:
    """The form as a subscription fills it in. A query that cannot be read any more is words."""
    try:
        choices = choices_of(subscription.query)
    except QueryError:
        choices = Choices(subscription.query)
    everything = not subscription.query
    return Wanted(choices, subscription.every, subscription.language, subscription.options, everything)


def _options(fields: Fields) -> Options:
    weekday = _number(fields, "weekday", len(WEEKDAYS))
    hour = _number(fields, "hour", 24)
    strength = _one(fields, "strength")
    return Options(
        weekday=USUAL.weekday if weekday is None else weekday,
        hour=USUAL.hour if hour is None else hour,
        zone=_one(fields, "zone").strip() or USUAL.zone,
        quiet_from=_number(fields, "quiet_from", 24),
        quiet_until=_number(fields, "quiet_until", 24),
        strength=Strength(strength) if strength in list(Strength) else USUAL.strength,
        updates=bool(_one(fields, "updates")),
    )


def _one(fields: Fields, name: str) -> str:
    return next(iter(fields(name)), "")


def _number(fields: Fields, name: str, below: int) -> int | None:
    written = _one(fields, name)
    return int(written) if written.isascii() and written.isdecimal() and int(written[:3]) < below else None


def _known(sent: Sequence[str], known: Iterable[str]) -> tuple[str, ...]:
    return tuple(value for value in known if value in sent)
