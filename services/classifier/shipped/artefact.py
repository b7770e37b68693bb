"""The files of the shipped model: encoder, tokenizer, heads, and a manifest with their digests.

Nothing of them is trusted before its digest was compared; a file that is missing or damaged is named.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from services.classifier.labels import labels
from services.classifier.shipped.encoder import Encoder
from services.classifier.shipped.heads import Heads
from shared.errors import ConfigError

SHIPPED: Final = Path(__file__).parent / "artefact"
MANIFEST: Final = "manifest.json"
ENCODER: Final = "encoder.onnx"
TOKENIZER: Final = "tokenizer.json"
HEADS: Final = "heads.npz"
FILES: Final = (ENCODER, TOKENIZER, HEADS)
_REPAIR: Final = "Until it is mended the lexicon tags. Install Vigie again, or make the model with `make train`."


class Damaged(ConfigError):
    """The shipped model cannot be loaded; says which file and why."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A loaded model. `later` is taken from the logits of every window behind the first."""

    name: str
    encoder: Encoder
    heads: Heads
    later: float


def load(folder: Path = SHIPPED) -> Artefact:
    """The model in `folder`. Raises Damaged."""
    manifest = _manifest(folder)
    try:
        name, later = str(manifest["name"]), float(manifest["later"])
        for file in FILES:
            _compare(folder / file, str(manifest["files"][file]))
    except (KeyError, TypeError, ValueError) as error:
        raise Damaged(f"{folder / MANIFEST} is not a manifest: {error} is missing or wrong. {_REPAIR}") from error
    heads = read_heads(folder / HEADS)
    try:
        return Artefact(name, Encoder(folder / ENCODER, folder / TOKENIZER), heads, later)
    except Exception as error:  # both packages raise bare Exceptions on what is no model
        raise Damaged(
            f"the encoder in {folder} cannot be loaded: {str(error).splitlines()[0]}. {_REPAIR}"
        ) from error


def digest(file: Path) -> str:
    """SHA-256 of the file, in hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_heads(heads: Heads, file: Path) -> None:
    """Keeps the arrays of `heads`; `read_heads` gives them back."""
    np.savez_compressed(
        file,
        labels=np.array(heads.labels),
        encoder=heads.encoder,
        mean=heads.mean,
        lexicon=heads.lexicon,
        ngrams=heads.ngrams,
        rarity=heads.rarity,
        bias=heads.bias,
    )


def read_heads(file: Path) -> Heads:
    """Raises Damaged when the file holds no heads, or heads for other labels than these."""
    try:
        with np.load(file, allow_pickle=False) as found:
            named = tuple(str(label) for label in found["labels"])
            arrays = [found[key] for key in ("encoder", "mean", "lexicon", "ngrams", "rarity", "bias")]
    except (OSError, KeyError, ValueError) as error:
        raise Damaged(f"{file} holds no heads of a model: {error}. {_REPAIR}") from error
    if named != labels():
        raise Damaged(f"{file} was trained for other labels than this version's. {_REPAIR}")
    return Heads(named, *arrays)


def _manifest(folder: Path) -> Any:
    try:
        return json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError as error:
        raise Damaged(f"the shipped model is not there: {folder / MANIFEST} is missing. {_REPAIR}") from error
    except (OSError, ValueError) as error:
        raise Damaged(f"{folder / MANIFEST} cannot be read: {error}. {_REPAIR}") from error


def _compare(file: Path, expected: str) -> None:
    try:
        found = digest(file)
    except OSError as error:
        raise Damaged(f"{file} of the shipped model cannot be read: {error.strerror}. {_REPAIR}") from error
    if found != expected:
        raise Damaged(f"{file} of the shipped model is damaged: its digest is not the manifest's. {_REPAIR}")
