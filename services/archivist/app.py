"""The archivist as a service: one consuming loop; one that indexes again what an older version indexed; one
that finds what is of one subject; one that takes out again what was taken out since the backup that was put back;
and one that gives up, once a day, what is kept for a time only.
"""

from typing import Final

from services.archivist import subjects
from services.archivist.keeping import Keeping
from services.archivist.write import STAGE, handler
from shared.archive import recount, reindex
from shared.archive.kept_out import keep_out, list_beside
from shared.bus import CLASSIFIED, Bus
from shared.bus.consume import Stage
from shared.clock import Clock
from shared.config import Settings
from shared.runtime import Loop, LoopService, Service, stage_loop
from shared.store import Store
from shared.telemetry.leaps import if_believed

BATCH: Final = 50  # items in one transaction: others want to write, too
BULK: Final = 200  # items of bulk traffic, a tenth of a second
SUBJECTS_EVERY: Final = 60.0  # seconds: readers may wait for what is related
KEEP_EVERY: Final = 86_400.0  # seconds: rules count days
LOOK_EVERY: Final = 600.0  # seconds: the analyser changes with the program only


def build(settings: Settings, store: Store, bus: Bus, clock: Clock) -> Service:  # noqa: ARG001 one signature for all
    removed = list_beside(settings.journal_path)
    keeping = Keeping(store, settings.item_rules)
    return LoopService(
        STAGE,
        [
            stage_loop(
                bus, Stage(STAGE, CLASSIFIED, handler(store, settings.calendar), batch=BATCH, bulk_batch=BULK)
            ),
            Loop(f"{STAGE}.index", lambda: reindex.step(store) > 0, LOOK_EVERY),
            Loop(f"{STAGE}.tallies", lambda: recount.step(store) > 0, LOOK_EVERY),
            Loop(f"{STAGE}.subjects", lambda: subjects.step(store) > 0, SUBJECTS_EVERY),
            Loop(f"{STAGE}.removed", lambda: keep_out(store, removed) < 0, LOOK_EVERY),
            Loop(f"{STAGE}.keeping", lambda: if_believed(store, lambda: keeping.step() > 0), KEEP_EVERY),
        ],
    )
