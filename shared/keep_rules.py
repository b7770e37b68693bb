"""Pure. How long items are kept, as the operator wrote it: rules, and what they mean for one source.

A rule is `text DAYS|forever [source:ID] [licence:open|usual|reserved] [kind:feed|listing|sitemap|mailbox|import]`,
or the same with `item`; rules stand apart by semicolons. Of the rules for texts the first that fits an item
counts, and likewise of those for whole items; what no rule fits is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from shared.errors import ConfigError

LEAST: Final = 14  # days: digests of a week, and mails that are held, still need what they tell
FOREVER: Final = "forever"
IMPORT: Final = "import"  # the kind of what came from no source that is watched
TEXT: Final = "text"
ITEM: Final = "item"
_CONDITIONS: Final = {
    "source": None,
    "licence": ("open", "usual", "reserved"),
    "kind": ("feed", "listing", "sitemap", "mailbox", IMPORT),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, `days` None for ever. An empty condition fits everything."""

    what: str
    days: int | None
    source: str = ""
    licence: str = ""
    kind: str = ""

    def fits(self, source: "Origin") -> bool:
        asked = (self.source, self.licence, self.kind)
        return all(
            want in ("", has) for want, has in zip(asked, (source.id, source.licence, source.kind), strict=True)
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an item came from, as rules see it."""

    id: str
    licence: str = "usual"
    kind: str = IMPORT


@dataclass(frozen=True, slots=True)
class Limits:
    """What came before these times is over; None: it stays."""

    text: datetime | None = None
    item: datetime | None = None


def written_rules(raw: Any) -> str:
    """A setting as one text; a file may have a list."""
    return "; ".join(map(str, raw)) if isinstance(raw, list) else str(raw)


def read_rules(where: str, written: str) -> tuple[Rule, ...]:
    """The rules of a setting. Raises ConfigError, saying where."""
    return tuple(_rule(where, part.split()) for part in written.split(";") if part.strip())


def limits(rules: Sequence[Rule], origin: Origin, now: datetime) -> Limits:
    """When an item of this origin must have come to stay."""
    return Limits(*(_limit(rules, what, origin, now) for what in (TEXT, ITEM)))


def _limit(rules: Sequence[Rule], what: str, origin: Origin, now: datetime) -> datetime | None:
    first = next((rule for rule in rules if rule.what == what and rule.fits(origin)), None)
    return None if first is None or first.days is None else now - timedelta(days=first.days)


def _rule(where: str, words: Sequence[str]) -> Rule:
    written = " ".join(words)
    if len(words) < 2 or words[0] not in (TEXT, ITEM):
        raise ConfigError(f"{where}: {written!r} is no rule. Write text or item, then days: text 365 kind:mailbox")
    conditions = dict(_condition(where, word) for word in words[2:])
    return Rule(words[0], _days(where, words[1]), **conditions)


def _days(where: str, word: str) -> int | None:
    if word == FOREVER:
        return None
    if not (word.isascii() and word.isdigit() and len(word) <= 6 and int(word) >= LEAST):
        raise ConfigError(f"{where}: {word!r} are no days: write a whole number from {LEAST} on, or {FOREVER}.")
    return int(word)


def _condition(where: str, word: str) -> tuple[str, str]:
    name, colon, value = word.partition(":")
    if not (colon and value and name in _CONDITIONS):
        raise ConfigError(f"{where}: {word!r} is no condition. There are {', '.join(_CONDITIONS)}, as source:ID.")
    if (known := _CONDITIONS[name]) and value not in known:
        raise ConfigError(f"{where}: {word!r}: {name} is one of {', '.join(known)}.")
    return name, value
