"""The classifier as a service: one consuming loop around one model."""

from functools import partial
from typing import Final

from services.classifier.classify import STAGE, handler
from services.classifier.load import load_model, stands_in_for
from services.classifier.meaning import damage
from services.classifier.model import ClassifiableText, Model, Rests
from shared.bus import COLLECTED, Bus
from shared.bus.consume import Stage
from shared.clock import Clock
from shared.config import Settings
from shared.memory import give_back
from shared.runtime import LoopService, Service, stage_loop
from shared.store import Store
from shared.telemetry.facts import Weight
from shared.telemetry.notices import raise_notice, withdraw
from shared.telemetry.told import as_said
from shared.text import language

DAMAGED: Final = "model.damaged"
NO_MEANING: Final = "meaning.damaged"


def build(settings: Settings, store: Store, bus: Bus, clock: Clock) -> Service:
    model = load_model(settings)
    say_damage(settings, store, stands_in_for(settings, model))

    def prepare() -> None:
        warm_up(model)
        say_no_meaning(settings, store, damage())
        rest(model)  # who gives up at once what goes later leaves no holes where that was

    stage = Stage(STAGE, COLLECTED, handler(model, clock), prepare=prepare, rest=partial(rest, model))
    return LoopService(STAGE, [stage_loop(bus, stage)])


def rest(model: Model) -> None:
    """Nothing came for a while: give up what the next item loads again in a quarter of a second, 25 MB."""
    language.rest()
    if isinstance(model, Rests):
        model.rest()
    give_back()


def say_damage(settings: Settings, store: Store, damage: str | None) -> None:
    """The lexicon tags worse than the model that it stands in for: somebody must know, though everything runs."""
    key = f"{DAMAGED}:{settings.instance_name}"
    with store.writing() as session:
        if damage is None:
            withdraw(session, key)
        else:
            raise_notice(session, key, Weight.RED, as_said(damage), store.now(session))


def say_no_meaning(settings: Settings, store: Store, damaged: str | None) -> None:
    """Without vectors one event in two languages is two stories, and two mails."""
    key = f"{NO_MEANING}:{settings.instance_name}"
    with store.writing() as session:
        if damaged is None:
            withdraw(session, key)
        else:
            raise_notice(session, key, Weight.RED, as_said(damaged), store.now(session))


def warm_up(model: Model) -> None:
    """Let the model load what it loads at its first text, before an item waits for it."""
    model.classify(ClassifiableText("Vigie", "Was neu ist, ce qui est nouveau, what is new."))
