"""Weights of another model are told in a sentence, also where Python leaves out assertions."""

import pytest

from services.classifier.training.fitting_weights import hold
from shared.manifest import Damaged


def test_weights_of_the_same_model_are_taken_up() -> None:
    hold("here", lacking=["pooler.dense.weight"], foreign=[])


def test_what_is_foreign_or_missing_is_named() -> None:
    with pytest.raises(Damaged, match=r"The encoder in here is not .*: unknown head.weight, no encoder.layer.0"):
        hold("here", lacking=["pooler.bias", "encoder.layer.0"], foreign=["head.weight"])
