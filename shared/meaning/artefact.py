"""The files of the encoder: pieces, their rows, weights, and a manifest with the digests of the others.

Nothing of them is trusted before its digest was compared; a file that is missing or damaged is named. The rows are
read from the disk as they are needed: few pieces make most texts.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from shared.errors import ConfigError
from shared.meaning.network import Weights
from shared.meaning.pieces import Cutter

SHIPPED: Final = Path(__file__).parent / "artefact"
MANIFEST: Final = "manifest.json"
PIECES: Final = "pieces.txt"
ROWS: Final = "rows.npy"
WEIGHTS: Final = "weights.npz"
FILES: Final = (PIECES, ROWS, WEIGHTS)
_REPAIR: Final = "Until it is mended, items get no stories by meaning. Install Vigie again."


class Damaged(ConfigError):
    """The encoder cannot be loaded; says which file and why."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A loaded encoder. `version` names the vectors that it makes: those of another one do not compare."""

    version: str
    weights: Weights
    cutter: Cutter


def load(folder: Path = SHIPPED) -> Artefact:
    """The encoder in `folder`. Raises Damaged."""
    manifest = _manifest(folder)
    try:
        version = str(manifest["version"])
        for name in FILES:
            _compare(folder / name, str(manifest["files"][name]))
    except (KeyError, TypeError) as error:
        raise Damaged(f"{folder / MANIFEST} is not a manifest: {error} is missing or wrong. {_REPAIR}") from error
    try:
        return _read(folder, version)
    except (OSError, KeyError, ValueError) as error:
        raise Damaged(f"the encoder in {folder} cannot be loaded: {error}. {_REPAIR}") from error


def digest(file: Path) -> str:
    """SHA-256 of the file, in hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


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


def _manifest(folder: Path) -> Any:
    try:
        return json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError as error:
        raise Damaged(f"the encoder is not there: {folder / MANIFEST} is missing. {_REPAIR}") from error
    except (OSError, ValueError) as error:
        raise Damaged(f"{folder / MANIFEST} cannot be read: {error}. {_REPAIR}") from error


def _compare(file: Path, expected: str) -> None:
    try:
        found = digest(file)
    except OSError as error:
        raise Damaged(f"{file} of the encoder cannot be read: {error.strerror}. {_REPAIR}") from error
    if found != expected:
        raise Damaged(f"{file} of the encoder is damaged: its digest is not the manifest's. {_REPAIR}")
