"""Looks after the clocks: says when one steps, and puts right what it wrote while it was ahead.

Three looks find a step. A process compares a clock with the time that really passes. The store remembers the
latest time that it has seen: a clock that tells less was put back since, whether or not anybody ran then. And what
bears a time that has not come yet was written by a clock that was ahead for less than the time between two looks.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from shared.archive import put_right as archive
from shared.archive.locks import alone
from shared.clock import elapsed, rfc3339
from shared.moments import EARLIEST, SLACK
from shared.store import Store, memos, stamps
from shared.subscriptions import put_right as subscriptions
from shared.telemetry.facts import Weight
from shared.telemetry.notices import raise_notice, withdraw
from shared.telemetry.queries import future
from shared.telemetry.told import Told, told
from shared.watched import put_right as watched

log = logging.getLogger(__name__)

MEMO: Final = "clock"
STEPPED: Final = "clock.stepped"
UNSET: Final = "clock.unset"
HERE, THERE = told("clock.here"), told("clock.there")


class Steps:
    """Finds steps of one clock against the time that really passes, a suspended machine's sleep included."""

    def __init__(self, passed: Callable[[], float] = elapsed) -> None:
        self._passed = passed
        self._last: tuple[datetime, float] | None = None

    def look(self, now: datetime) -> timedelta:
        """How far the clock stepped since the last look: forward, or less than nothing back; zero within SLACK."""
        passed = self._passed()
        before, self._last = self._last, (now, passed)
        if before is None:
            return timedelta(0)
        step = now - before[0] - timedelta(seconds=passed - before[1])
        return step if abs(step) > SLACK else timedelta(0)


class Clocks:
    """The clocks that this process goes by: the machine's, and the database server's where there is one."""

    def __init__(self, store: Store, passed: Callable[[], float] = elapsed) -> None:
        self._store = store
        self._here, self._there = Steps(passed), Steps(passed)

    def look(self, session: Session) -> None:
        """Say what stepped, and put right what is to be. In a writing session, every few seconds."""
        now = self._store.now(session)
        if not self._store.sqlite:
            _say(session, HERE, self._here.look(self._store.clock.now()), now)
        _say(session, HERE if self._store.sqlite else THERE, self._there.look(now), now)
        put_right_if_back(self._store, session, now)


def put_right_if_back(store: Store, session: Session, now: datetime) -> None:
    """Put right what lies in the future, if the store has ever seen, or holds, a later time than `now`.

    The first look of all puts right as well: what was written before anybody looked may be wrong.
    """
    if now < EARLIEST:
        raise_notice(session, UNSET, Weight.RED, told(UNSET, now=f"{rfc3339(now)}"), now)
        return
    withdraw(session, UNSET)
    memo = memos.read(session, MEMO, lock=True)
    seen = datetime.fromisoformat(memo.text) if memo else None
    latest = max(seen, *future(session, now).values(), now) if seen else None
    if latest == now:
        memos.write(session, MEMO, now.isoformat(), now)
    if latest is None or latest > now + SLACK:
        changed = _put_right(store, session, now, latest - now if latest else timedelta(0))
        memos.write(session, MEMO, now.isoformat(), now)
        if latest is not None:
            _say_back(session, latest, now, changed)


def _put_right(store: Store, session: Session, now: datetime, by: timedelta) -> int:
    alone(store, session)
    archive.put_right(session, now)
    subscriptions.put_right(session, now)
    watched.put_right(session, now, by)
    return stamps.put_right(session, now, by)


def _say(session: Session, clock: Told, step: timedelta, now: datetime) -> None:
    if not step:
        return
    way = "forward" if step > timedelta(0) else "back"
    log.warning("clock stepped", extra={"clock": str(clock), "seconds": round(step.total_seconds())})
    reason = told(f"clock.stepped_{way}", clock=clock, span=_span(abs(step)), now=f"{rfc3339(now)}")
    raise_notice(session, STEPPED, Weight.WARNING, reason, now)


def _say_back(session: Session, latest: datetime, now: datetime, changed: int) -> None:
    span = _span(latest - now)
    log.warning("clock is behind what it was", extra={"seconds": round((latest - now).total_seconds())})
    said = {"latest": f"{rfc3339(latest)}", "now": f"{rfc3339(now)}", "span": span}
    raise_notice(session, STEPPED, Weight.WARNING, told("clock.stepped_less", changed=changed, **said), now)


def _span(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    days, hours = divmod(minutes // 60, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
