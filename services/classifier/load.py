"""The choice of a model by the settings. Its kind is imported when it is chosen: some take a second, or torch."""

from typing import Final

from services.classifier.model import Model
from shared.config import Settings
from shared.errors import ConfigError

LEXICON: Final = "lexicon"  # the setting that names the lexicon; without a setting the shipped model tags


def load_model(settings: Settings) -> Model:
    """The model that `VIGIE_MODEL` names. Raises ConfigError for one that cannot be loaded, and says why."""
    if settings.model in ("", LEXICON):
        if settings.model_options:
            raise ConfigError(
                f"VIGIE_MODEL_OPTIONS names {settings.model_options}, but a model that comes with Vigie has no "
                "options. Set VIGIE_MODEL too, or neither."
            )
        return _ours(settings.model)
    from services.classifier.hub.load import load_hub_model

    return load_hub_model(settings)


def stands_in_for(settings: Settings, model: Model) -> str | None:
    """What is wrong with the shipped model, where `model` was loaded in its place; None where it was not."""
    if settings.model:
        return None
    from services.classifier.shipped.load import damage
    from services.classifier.shipped.model import ShippedModel

    return None if isinstance(model, ShippedModel) else damage()


def _ours(name: str) -> Model:
    if name == LEXICON:
        from services.classifier.lexicon.load import load_lexicon

        return load_lexicon()
    from services.classifier.shipped.load import shipped_or_lexicon

    return shipped_or_lexicon()
