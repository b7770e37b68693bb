"""The files of the encoder: pieces, their rows and scores, a graph, and a manifest with the digests of the others.

Nothing of them is trusted before its digest was compared; a file that is missing or damaged is named. The rows are
read from the disk as they are needed: few pieces make most texts.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from shared.manifest import Files
from shared.meaning.network import Network
from shared.meaning.pieces import Cutter
from shared.meaning.rows import Rows

PIECES: Final = "pieces.txt"
ROWS: Final = "rows.npy"
SCORES: Final = "scores.npz"
GRAPH: Final = "graph.onnx"
FILES: Final = (PIECES, ROWS, SCORES, GRAPH)
_REPAIR: Final = "Until it is mended, items get no stories by meaning, and the lexicon tags. Install Vigie again."


@dataclass(frozen=True, slots=True)
class Artefact:
    """A loaded encoder. `version` names the vectors that it makes: those of another one do not compare."""

    version: str
    network: Network
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
    except Exception as error:  # ONNX Runtime raises bare Exceptions on what is no graph
        why = str(error).splitlines()[0]
        raise files.damaged(f"the encoder in {folder} cannot be loaded: {why}") from error


def _read(folder: Path, version: str) -> Artefact:
    with np.load(folder / SCORES, allow_pickle=False) as found:
        scores, group, scale, offset = (found[name] for name in ("scores", "group", "scale", "offset"))
    kept = np.load(folder / ROWS, mmap_mode="r", allow_pickle=False)
    pieces = (folder / PIECES).read_text("utf-8").split("\n")
    if not len(pieces) == len(scores) == len(group) == len(kept):
        raise ValueError(f"{len(pieces)} pieces have {len(kept)} rows and {len(scores)} scores")
    network = Network(Rows(kept, group, scale, offset), folder / GRAPH)
    return Artefact(version, network, Cutter(pieces, scores))
