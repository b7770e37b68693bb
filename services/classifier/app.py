"""The classifier as a service: one consuming loop around one model."""

from services.classifier.classify import STAGE, handler
from services.classifier.load import load_model
from services.classifier.model import ClassifiableText, Model
from shared.bus import COLLECTED, Bus
from shared.bus.consume import Stage
from shared.clock import Clock
from shared.config import Settings
from shared.runtime import LoopService, Service, stage_loop
from shared.store import Store


def build(settings: Settings, store: Store, bus: Bus, clock: Clock) -> Service:  # noqa: ARG001 the common signature
    model = load_model(settings)
    stage = Stage(STAGE, COLLECTED, handler(model, clock), prepare=lambda: warm_up(model))
    return LoopService(STAGE, [stage_loop(bus, stage)])


def warm_up(model: Model) -> None:
    """Let the model load what it loads at its first text, before an item waits for it."""
    model.classify(ClassifiableText("Vigie", "Was neu ist, ce qui est nouveau, what is new."))
