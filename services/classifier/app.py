"""The classifier as a service: one consuming loop around one model."""

from typing import Final

from services.classifier.classify import STAGE, handler
from services.classifier.load import load_model, stands_in_for
from services.classifier.model import ClassifiableText, Model
from shared.bus import COLLECTED, Bus
from shared.bus.consume import Stage
from shared.clock import Clock
from shared.config import Settings
from shared.runtime import LoopService, Service, stage_loop
from shared.store import Store
from shared.telemetry.facts import Weight
from shared.telemetry.notices import raise_notice, withdraw

DAMAGED: Final = "model.damaged"


def build(settings: Settings, store: Store, bus: Bus, clock: Clock) -> Service:
    model = load_model(settings)
    say_damage(settings, store, stands_in_for(settings, model))
    stage = Stage(STAGE, COLLECTED, handler(model, clock), prepare=lambda: warm_up(model))
    return LoopService(STAGE, [stage_loop(bus, stage)])


def say_damage(settings: Settings, store: Store, damage: str | None) -> None:
    """The lexicon tags worse than the model that it stands in for: somebody must know, though everything runs."""
    key = f"{DAMAGED}:{settings.instance_name}"
    with store.writing() as session:
        if damage is None:
            withdraw(session, key)
        else:
            remedy = "Install Vigie again, restart the classifier, then `vigie reclassify --outdated`."
            raise_notice(session, key, Weight.RED, damage, remedy, store.now(session))


def warm_up(model: Model) -> None:
    """Let the model load what it loads at its first text, before an item waits for it."""
    model.classify(ClassifiableText("Vigie", "Was neu ist, ce qui est nouveau, what is new."))
