"""Reads the facts: one look at store and bus, with nothing judged."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session, func, select

from shared import disk
from shared.archive.tables import ItemRow
from shared.bus import TOPICS, Bus
from shared.bus.dead import open_count
from shared.clock import Clock
from shared.errors import Unavailable
from shared.moments import not_after
from shared.sources.store import count_states
from shared.store import Store
from shared.store.schema import check
from shared.subscriptions.deliveries import counts
from shared.telemetry.deaths import deaths
from shared.telemetry.facts import Facts, StageStatus
from shared.telemetry.health import StageHealth, stages
from shared.telemetry.lanes import READS, lanes
from shared.telemetry.notices import notices
from shared.telemetry.progress import standing
from shared.telemetry.queries import deferred, failed, future, last_sent, paused, unmade, unsent, watched


def read_facts(store: Store, bus: Bus, clock: Clock) -> Facts:
    """One look. Raises Unavailable when the store or the bus does not answer, or the schema is an older one."""
    check(store)
    with store.reading() as session:
        now = store.now(session)
        facts, health, stood = _of_store(session, now), stages(session, now), standing(session, now)
    found = {name: _stage(bus, name, health.get(name), stood.get(name), clock.now()) for name in READS}
    checked = (_trouble(ask) for ask in (store.check, lambda: bus.check(TOPICS)))
    trouble = tuple(said for said in checked if said)
    return replace(facts, stages=found, trouble=trouble, room=disk.free(store.folder) if store.folder else None)


def _of_store(session: Session, now: datetime) -> Facts:
    return Facts(
        now=now,
        items=session.exec(select(func.count()).select_from(ItemRow)).one(),
        sources=count_states(session),
        deliveries=counts(session),
        deaths=deaths(session, now),
        watched=watched(session),
        unsent=unsent(session, now),
        unmade=unmade(session, now),
        deferred=deferred(session, now),
        last_sent=last_sent(session),
        failed=failed(session, now),
        paused=paused(session, now),
        future=future(session, now),
        notices=notices(session),
    )


def _stage(bus: Bus, name: str, health: StageHealth | None, stood: timedelta | None, now: datetime) -> StageStatus:
    read = lanes(name)
    taken = [at for topic, group in read if (at := bus.oldest_waiting(topic, group))]
    waits = [(now - not_after(at, now)).total_seconds() for at in taken]
    return StageStatus(
        alive=health is not None and health.alive,
        backlog=sum(bus.lag(topic, group) for topic, group in read),
        dead=sum(open_count(bus, topic) for topic, _ in read),
        waits=max(waits, default=None),
        error=health.error if health else None,
        stands=stood.total_seconds() if stood else 0.0,
    )


def _trouble(ask: Callable[[], object]) -> str | None:
    try:
        ask()
    except Unavailable as error:
        return str(error)
    return None
