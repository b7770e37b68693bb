"""The classifier as a service: one consuming loop around one model."""

from services.classifier.classify import STAGE, handler
from services.classifier.model import load_model
from shared.bus import COLLECTED, Bus
from shared.bus.consume import Stage
from shared.clock import Clock
from shared.config import Settings
from shared.runtime import LoopService, Service, stage_loop
from shared.store import Store


def build(settings: Settings, store: Store, bus: Bus, clock: Clock) -> Service:  # noqa: ARG001 the common signature
    stage = Stage(STAGE, COLLECTED, handler(load_model(settings), clock))
    return LoopService(STAGE, [stage_loop(bus, stage)])
