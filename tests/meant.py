"""Vectors of meaning that lie as near to one another as a test wants."""

from typing import Final

import numpy as np

from shared.items import MEANING_WIDTH, ClassifiedItem, Meaning
from shared.meaning.kept import Vectors
from shared.meaning.vectors import packed

VERSION: Final = "test-1"


def meaning(cosine: float, *, way: int = 1, text: float | None = None, version: str = VERSION) -> Meaning:
    """What lies so near to every meaning of cosine 1, going from there the way of this number."""
    return Vectors(version, _towards(cosine, way), _towards(cosine if text is None else text, way)).meaning()


def says(item: ClassifiedItem, cosine: float, **how: float) -> ClassifiedItem:
    """The item with that meaning."""
    return item.model_copy(update={"meaning": meaning(cosine, **how)})  # type: ignore[arg-type]


def _towards(cosine: float, way: int) -> bytes:
    vector = np.zeros(MEANING_WIDTH, np.float32)
    vector[0], vector[way] = cosine, (1 - cosine**2) ** 0.5
    return packed(vector)
