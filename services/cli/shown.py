"""How commands show values: JSON for machines, words for people."""

import argparse
import json
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final

from shared.clock import rfc3339

if TYPE_CHECKING:
    from shared.sources.hubs import Hub

UNITS: Final = ((86_400.0, "day"), (3_600.0, "hour"), (60.0, "minute"), (1.0, "second"))


def said(args: argparse.Namespace, values: Any, sentence: str) -> int:
    """Print what was done, as JSON where that was asked for; exit code 0."""
    if args.json:
        print_json(values)
    else:
        print(sentence)
    return 0


def print_json(values: Any) -> None:
    print(json.dumps(values, ensure_ascii=False, indent=2))


def counted(number: int, one: str, many: str = "") -> str:
    """`1 mail`, `2,000 mails`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def lasting(span: timedelta) -> str:
    """`7 days`, `1.5 hours`: in the largest unit that it fills."""
    seconds = span.total_seconds()
    size, name = next((unit for unit in UNITS if seconds >= unit[0]), UNITS[-1])
    number = round(seconds / size, 1)
    return f"{number:g} {name}{'' if number == 1 else 's'}"


def plain(values: Any) -> Any:
    """Moments as RFC 3339, tuples as lists: what JSON can carry."""
    match values:
        case datetime():
            return rfc3339(values)
        case dict():
            return {key: plain(value) for key, value in values.items()}
        case tuple() | list():
            return [plain(value) for value in values]
        case _:
            return values


def moment(value: datetime | None, zone: tzinfo, without: str = "no date") -> str:
    """`30 November 2026, 18:17 CET`; `without` where there is none."""
    from shared.dates import long_moment

    if value is None:
        return without
    here = value.astimezone(zone)
    return f"{long_moment(here, zone, 'en')} {here:%Z}"


def day(value: date | None, without: str = "no date") -> str:
    """`30 November 2026`; `without` where there is none. A moment's day is that of its own zone."""
    from shared.dates import long_date

    return long_date(value, "en") if value is not None else without


def words(value: Any, zone: tzinfo) -> str:
    """A value for people, moments in `zone`; records of a list stand on lines of their own."""
    match value:
        case bool():
            return "yes" if value else "no"
        case datetime():
            return moment(value, zone)
        case timedelta():
            return lasting(value)
        case [dict(), *_]:
            lines = (" · ".join(words(each, zone) for each in record.values()) for record in value)
            return "\n".join((str(len(value)), *(f"{'':18}{line}" for line in lines)))
        case list() | tuple():
            return ", ".join(map(str, value))
        case _:
            return str(value)


def hub_said(hub: "Hub", now: datetime, zone: tzinfo) -> str:
    """How it stands with our subscription to a hub: `subscribed until 10 December 2026, 18:17 CET, …`."""
    asked, until = moment(hub.asked_at, zone), moment(hub.lease_until, zone)
    match hub.state:
        case "verified" if hub.lease_until is not None and hub.lease_until <= now:
            stands = f"its subscription ended {until}, and is asked for again"
        case "verified":
            stands = f"subscribed until {until}"
        case "denied":
            stands = f"refused our subscription, last asked {asked}"
        case "asked":
            stands = f"asked {asked}, and has not confirmed"
        case _:
            stands = "announced, not asked: only a portal that others can reach subscribes (VIGIE_PUBLIC_URL)"
    return f"{stands}; {f'last push {moment(hub.pushed_at, zone)}' if hub.pushed_at else 'no push yet'}"
