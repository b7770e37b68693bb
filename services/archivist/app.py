"""The archivist as a service: one consuming loop."""

from typing import Final

from services.archivist.write import STAGE, handler
from shared.bus import CLASSIFIED, Bus
from shared.bus.consume import Stage
from shared.clock import Clock
from shared.config import Settings
from shared.runtime import LoopService, Service, stage_loop
from shared.store import Store

BATCH: Final = 50  # items in one transaction, a tenth of a second: others want to write, too


def build(settings: Settings, store: Store, bus: Bus, clock: Clock) -> Service:  # noqa: ARG001 one signature for all
    return LoopService(
        STAGE,
        [
            stage_loop(
                bus, Stage(STAGE, CLASSIFIED, handler(store, settings.calendar), batch=BATCH, bulk_batch=BATCH)
            )
        ],
    )
