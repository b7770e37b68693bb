"""The files of the encoder: pieces, their rows, weights, and a manifest with the digests of the others.

Nothing of them is trusted before its digest was compared; a file that is missing or damaged is named. The rows are
read from the disk as they are needed: few pieces make most texts.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from shared.manifest import Files
from shared.meaning.network import Weights
from shared.meaning.pieces import Cutter

PIECES: Final = "pieces.txt"
ROWS: Final = "rows.npy"
WEIGHTS: Final = "weights.npz"
FILES: Final = (PIECES, ROWS, WEIGHTS)
_REPAIR: Final = "Until it is mended, items get no stories by meaning, and the lexicon tags. Install Vigie again."


@dataclass(frozen=True, slots=True)
class Artefact:
    """A loaded encoder. `version` names the vectors that it makes: those of another one do not compare."""

    version: str
    weights: Weights
    cutter: Cutter


def load(folder: Path) -> Artefact:
    """The encoder in `folder`. Raises Damaged."""
    files = Files(folder, FILES, "the encoder", _REPAIR)
    manifest = files.manifest()
    try:
        version = str(manifest["version"])
    except KeyError as error:
        raise files.no_manifest(error) from error
    try:
        return _read(folder, version)
    except (OSError, KeyError, ValueError) as error:
        raise files.damaged(f"the encoder in {folder} cannot be loaded: {error}") from error


def _read(folder: Path, version: str) -> Artefact:
    with np.load(folder / WEIGHTS, allow_pickle=False) as found:
        dense = {name: found[name] for name in found.files}
    scores, group = dense.pop("scores"), dense.pop("group")
    rows = np.load(folder / ROWS, mmap_mode="r", allow_pickle=False)
    pieces = (folder / PIECES).read_text("utf-8").split("\n")
    if not len(pieces) == len(scores) == len(group) == len(rows):
        raise ValueError(f"{len(pieces)} pieces have {len(rows)} rows and {len(scores)} scores")
    weights = Weights(rows, group, {name: matrix.astype(np.float32) for name, matrix in dense.items()})
    return Artefact(version, weights, Cutter(pieces, scores))
