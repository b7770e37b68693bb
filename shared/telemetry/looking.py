"""Looks at how far stages are, as somebody would who sees only bus and store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session, func, select

from shared.bus import Bus
from shared.sources.claims import any_overdue
from shared.sources.tables import SourceRow
from shared.telemetry.lanes import lanes
from shared.telemetry.progress import Look

COLLECTOR: Final = "collector"


def of_bus(bus: Bus, stages: Sequence[str]) -> list[Look]:
    """A look at every lane of these stages. Raises BusUnavailable."""
    return [
        Look(f"{group} on {topic}", stage, bus.committed(topic, group), bus.lag(topic, group) > 0)
        for stage in stages
        for topic, group in lanes(stage)
    ]


def of_sources(session: Session, now: datetime) -> Look:
    """A look at the polling: it gets on as long as polls end."""
    polls = session.exec(select(func.coalesce(func.sum(SourceRow.polls), 0))).one()
    return Look("polls", COLLECTOR, int(polls), any_overdue(session, now))
