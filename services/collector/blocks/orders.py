"""Pure. In which order day, month and year stand in the dates of a block, where one of them alone does not tell.

`11/05/26` is the 11th of May, the 5th of November or the 26th of May 2011: its writer kept to one order, so all
dates of the block are asked together. Day, month, year is believed until another order fits better.
"""

import re
from collections.abc import Sequence
from datetime import date, tzinfo
from itertools import pairwise
from typing import Final

from services.collector.blocks.years import AHEAD
from services.collector.dates import Dated, read_date

FEWEST: Final = 3  # dates that show an order
NARROWER: Final = 3  # times that another order must bring the dates nearer together
_NUMBERS: Final = re.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?![\d./-]*\d)")
_ORDERS: Final = ((0, 1, 2), (1, 0, 2), (2, 1, 0))  # where day, month and year stand

Written = tuple[str, Dated | None]


def in_one_order(found: Sequence[Written], zone: tzinfo, today: date | None) -> list[Written]:
    """Dates of a block as they were read one by one, those of mere numbers in the order that fits all of them."""
    numbers = {at: match for at, (text, dated) in enumerate(found) if dated and (match := _NUMBERS.search(text))}
    fits = {order: days for order in _ORDERS if (days := _days(list(numbers.values()), order))}
    if len(numbers) < FEWEST or not fits:
        return list(found)
    usual = _ORDERS[0]
    best = min(fits, key=lambda order: (_disorder(fits[order], today), _ORDERS.index(order)))
    if usual in fits and best == usual:
        best = min(fits, key=lambda order: (_disorder(fits[order], today), _width(fits[order])))
        if _width(fits[best]) * NARROWER > _width(fits[usual]):
            best = usual
    made = list(found)
    for (at, match), day in zip(numbers.items(), fits[best], strict=True):
        text = found[at][0]
        read = read_date(f"{text[: match.start()]}{day.isoformat()}{text[match.end() :]}", zone)
        made[at] = (text, read or found[at][1])
    return made


def _days(numbers: Sequence[re.Match[str]], order: tuple[int, int, int]) -> list[date] | None:
    """The days in that order; None where one is none."""
    days = []
    for match in numbers:
        said = (match[1], match[3], match[4])
        day, month, year = (said[at] for at in order)
        if len(day) > 2 or len(year) == 1:
            return None
        try:
            days.append(date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day)))
        except ValueError:
            return None
    return days


def _disorder(days: Sequence[date], today: date | None) -> int:
    """How many are still to come, and how many stand against the order of the others."""
    ahead = sum(day > today + AHEAD for day in days) if today else 0
    steps = [(later > earlier) - (later < earlier) for earlier, later in pairwise(days)]
    return ahead + min(steps.count(1), steps.count(-1))


def _width(days: Sequence[date]) -> int:
    return (max(days) - min(days)).days
