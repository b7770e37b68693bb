"""A loaded encoder: texts into vectors, an item into what is kept of it."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from shared.meaning.artefact import Artefact
from shared.meaning.kept import Vectors
from shared.meaning.rows import WIDTH, Matrix
from shared.meaning.sentences import sentences
from shared.meaning.vectors import packed

_REMEMBERED: Final = 16  # lists of texts: who tags an item asks for what is kept of it a moment later


class Encoder:
    """A loaded encoder. Thread-safe."""

    def __init__(self, artefact: Artefact) -> None:
        self.version = artefact.version
        self._network, self._cutter = artefact.network, artefact.cutter
        self._remembered = lru_cache(_REMEMBERED)(self._read)

    def item(self, title: str, sentences: Sequence[str]) -> Matrix:
        """As `vectors`, of an item's title and its sentences; the last items are remembered. Not to be changed."""
        return self._remembered((title, *sentences))

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """A vector of length 1 for each text, shape (texts, 512)."""
        if not texts:
            return np.empty((0, WIDTH), np.float32)
        return self._network.encode([self._cutter.cut(text) for text in texts])

    def of_item(self, title: str, body: str) -> Vectors:
        """What is kept of an item's meaning."""
        said = sentences(body)
        found = self.item(title, said)
        return Vectors(self.version, packed(found[0]), packed(found[1:].mean(0)) if said else b"")

    def _read(self, texts: tuple[str, ...]) -> Matrix:
        found = self.vectors(texts)
        found.setflags(write=False)
        return found
