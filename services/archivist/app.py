"""The archivist as a service: one consuming loop, and one that indexes again what an older version indexed."""

from typing import Final

from services.archivist.write import STAGE, handler
from shared.archive import reindex
from shared.bus import CLASSIFIED, Bus
from shared.bus.consume import Stage
from shared.clock import Clock
from shared.config import Settings
from shared.runtime import Loop, LoopService, Service, stage_loop
from shared.store import Store

BATCH: Final = 50  # items in one transaction, a tenth of a second: others want to write, too
LOOK_EVERY: Final = 600.0  # seconds: the analyser changes with the program only


def build(settings: Settings, store: Store, bus: Bus, clock: Clock) -> Service:  # noqa: ARG001 one signature for all
    return LoopService(
        STAGE,
        [
            stage_loop(
                bus, Stage(STAGE, CLASSIFIED, handler(store, settings.calendar), batch=BATCH, bulk_batch=BATCH)
            ),
            Loop(f"{STAGE}.index", lambda: reindex.step(store) > 0, LOOK_EVERY),
        ],
    )
