"""Loads the shipped model, or says visibly why the lexicon stands in for it."""

import logging
from pathlib import Path

from services.classifier.lexicon.load import load_lexicon
from services.classifier.model import Model
from services.classifier.shipped.artefact import SHIPPED, load
from services.classifier.shipped.model import ShippedModel
from shared.manifest import Damaged
from shared.meaning.encoder import the_encoder
from shared.text.organisations import load_gazetteer

log = logging.getLogger(__name__)


def load_shipped(folder: Path = SHIPPED) -> ShippedModel:
    """The model in `folder`. Raises Damaged when a file of it, or of the encoder of meaning, is missing or is not
    what the manifest says."""
    loaded, meaning = load(folder), the_encoder()
    if loaded.meaning != meaning.version:
        raise Damaged(
            f"The shipped model {loaded.name} was fitted on vectors of meaning {loaded.meaning}, and these are "
            f"{meaning.version}. Until they fit the lexicon tags. Install Vigie again."
        )
    return ShippedModel(loaded, load_lexicon(), load_gazetteer(), meaning)


def damage(folder: Path = SHIPPED) -> str | None:
    """What is wrong with the model in `folder`, None when nothing is."""
    try:
        load_shipped(folder)
    except Damaged as error:
        return str(error)
    return None


def shipped_or_lexicon(folder: Path = SHIPPED) -> Model:
    """The model in `folder`; where it is damaged, the lexicon, whose name then stands in every verdict."""
    try:
        return load_shipped(folder)
    except Damaged as error:
        log.error("the shipped model cannot be used, the lexicon takes over: %s", error)
        return load_lexicon()
