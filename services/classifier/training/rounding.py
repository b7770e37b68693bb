"""What 8-bit weights change: the share of decisions that differ from those with 32 bits."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from services.classifier.labels import labels
from services.classifier.lexicon.load import load_lexicon
from services.classifier.model import ClassifiableText
from services.classifier.shipped import artefact
from services.classifier.shipped.encoder import Encoder
from services.classifier.shipped.model import ShippedModel
from services.classifier.training.material import Example
from shared.meaning.encoder import the_encoder
from shared.text.organisations import load_gazetteer

_TEXTS: Final = 400


def differing(folder: Path, whole: Path, examples: Sequence[Example]) -> float:
    """Share 0..1 of (text, label) decisions that the graph in `whole` takes otherwise than the one in `folder`."""
    loaded, lexicon, gazetteer = artefact.load(folder), load_lexicon(), load_gazetteer()
    exact = replace(loaded, encoder=Encoder(whole, folder / artefact.TOKENIZER))
    models = [ShippedModel(each, lexicon, gazetteer, the_encoder()) for each in (loaded, exact)]
    differ, texts = 0, examples[:: max(1, len(examples) // _TEXTS)]
    for example in texts:
        text = ClassifiableText(example.title, example.text, example.language, (example.language,))
        one, other = (model.windows_of(text).max(0) >= 0 for model in models)
        differ += int((one != other).sum())
    return differ / (len(texts) * len(labels()))
