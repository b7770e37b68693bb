"""The one encoder of a process: loaded when it is first asked, never when it is not."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np

from shared.manifest import Damaged
from shared.meaning.artefact import SHIPPED, Artefact, load
from shared.meaning.network import WIDTH, Matrix, encode
from shared.meaning.sentences import sentences
from shared.meaning.vectors import Vectors, packed

_REMEMBERED: Final = 16  # lists of texts: who tags an item asks for what is kept of it a moment later


class Encoder:
    """A loaded encoder. Thread-safe."""

    def __init__(self, artefact: Artefact) -> None:
        self.version = artefact.version
        self._weights, self._cutter = artefact.weights, artefact.cutter
        self._remembered = lru_cache(_REMEMBERED)(self._read)

    def item(self, title: str, sentences: Sequence[str]) -> Matrix:
        """As `vectors`, of an item's title and its sentences; the last items are remembered. Not to be changed."""
        return self._remembered((title, *sentences))

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """A vector of length 1 for each text, shape (texts, 512)."""
        if not texts:
            return np.empty((0, WIDTH), np.float32)
        return encode(self._weights, [self._cutter.cut(text) for text in texts])

    def of_item(self, title: str, body: str) -> Vectors:
        """What is kept of an item's meaning."""
        said = sentences(body)
        found = self.item(title, said)
        return Vectors(self.version, packed(found[0]), packed(found[1:].mean(0)) if said else b"")

    def _read(self, texts: tuple[str, ...]) -> Matrix:
        found = self.vectors(texts)
        found.setflags(write=False)
        return found


class Lazy:
    """The encoder in a folder, loaded at the first call. What is wrong with it is found once, said every time."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        self._folder, self._lock = folder, Lock()
        self._found: Encoder | Damaged | None = None

    def __call__(self) -> Encoder:
        """Raises Damaged."""
        with self._lock:
            if self._found is None:
                self._found = _found(self._folder)
        if isinstance(self._found, Damaged):
            raise self._found
        return self._found


the_encoder: Final = Lazy()  # of this process: who needs meaning asks for this one


def _found(folder: Path) -> Encoder | Damaged:
    try:
        return Encoder(load(folder))
    except Damaged as error:
        return error
