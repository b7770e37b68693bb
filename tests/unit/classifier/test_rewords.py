"""Heads over words are fitted anew only on the texts that the shipped ones were fitted on."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.classifier.labels import labels
from services.classifier.shipped import artefact
from services.classifier.shipped.load import load_shipped
from shared.errors import ConfigError
from shared.manifest import MANIFEST

pytest.importorskip("sklearn")


@pytest.fixture
def shipped():
    """The heads over words that the shipped artefact holds, as fitting gives them."""
    from services.classifier.training.stack import OverWords

    heads = artefact.read_heads(artefact.SHIPPED / artefact.HEADS)
    weight = json.loads((artefact.SHIPPED / MANIFEST).read_text("utf-8"))["made"]["weight of the words"]
    rarity = heads.rarity.astype(np.float64)[:, None]
    ngrams = np.divide(
        heads.ngrams.astype(np.float64), weight * rarity, where=rarity > 0, out=np.zeros(heads.ngrams.shape)
    )
    return OverWords(np.concatenate([heads.lexicon.T / weight, ngrams]), np.zeros(len(labels())), heads.rarity)


def test_what_differs_goes_into_a_copy_that_loads(shipped, tmp_path: Path) -> None:
    from services.classifier.training.rewords import rewrite

    after = replace(shipped, bias=shipped.bias + 1.0)
    rewrite(artefact.SHIPPED, tmp_path, shipped, after)
    old, new = (artefact.read_heads(folder / artefact.HEADS) for folder in (artefact.SHIPPED, tmp_path))
    weight = json.loads((tmp_path / MANIFEST).read_text("utf-8"))["made"]["weight of the words"]
    assert np.allclose(new.bias - old.bias, weight)
    assert np.allclose(new.ngrams.astype(float), old.ngrams.astype(float), atol=1e-3)
    assert load_shipped(tmp_path).name != load_shipped().name


def test_other_texts_are_refused(shipped, tmp_path: Path) -> None:
    from services.classifier.training.rewords import rewrite

    with pytest.raises(ConfigError, match="do not give the shipped heads again"):
        rewrite(artefact.SHIPPED, tmp_path, replace(shipped, weights=shipped.weights * 1.2), shipped)
    assert not (tmp_path / artefact.HEADS).exists()
