"""The files of the shipped model: encoder, tokenizer, heads, and a manifest with their digests.

Nothing of them is trusted before its digest was compared; a file that is missing or damaged is named.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import numpy as np

from services.classifier.labels import labels
from services.classifier.shipped.encoder import Encoder
from services.classifier.shipped.heads import Heads
from shared.manifest import Files

SHIPPED: Final = Path(__file__).parent / "artefact"
ENCODER: Final = "encoder.onnx"
TOKENIZER: Final = "tokenizer.json"
HEADS: Final = "heads.npz"
FILES: Final = (ENCODER, TOKENIZER, HEADS)
_ARRAYS: Final = tuple(field.name for field in fields(Heads) if field.name != "labels")
_REPAIR: Final = "Until it is mended the lexicon tags. Install Vigie again, or make the model with `make train`."


@dataclass(frozen=True, slots=True)
class Artefact:
    """A loaded model. `later` is taken from the logits of every window behind the first; `meaning` names the
    version of the vectors of meaning that the heads were fitted on."""

    name: str
    encoder: Encoder
    heads: Heads
    later: float
    meaning: str


def load(folder: Path = SHIPPED) -> Artefact:
    """The model in `folder`. Raises Damaged."""
    files = _files(folder)
    manifest = files.manifest()
    try:
        name, later, meaning = str(manifest["name"]), float(manifest["later"]), str(manifest["meaning"])
    except (KeyError, TypeError, ValueError) as error:
        raise files.no_manifest(error) from error
    heads = read_heads(folder / HEADS)
    try:
        return Artefact(name, Encoder(folder / ENCODER, folder / TOKENIZER), heads, later, meaning)
    except Exception as error:  # both packages raise bare Exceptions on what is no model
        why = str(error).splitlines()[0]
        raise files.damaged(f"the encoder in {folder} cannot be loaded: {why}") from error


def write_heads(heads: Heads, file: Path) -> None:
    """Keeps the arrays of `heads`; `read_heads` gives them back."""
    arrays = {name: getattr(heads, name) for name in _ARRAYS}
    np.savez_compressed(file, labels=np.array(heads.labels), **arrays)


def read_heads(file: Path) -> Heads:
    """Raises Damaged when the file holds no heads, or heads for other labels than these."""
    try:
        with np.load(file, allow_pickle=False) as found:
            named = tuple(str(label) for label in found["labels"])
            arrays = [found[name] for name in _ARRAYS]
    except (OSError, KeyError, ValueError) as error:
        raise _files(file.parent).damaged(f"{file} holds no heads of a model: {error}") from error
    if named != labels():
        raise _files(file.parent).damaged(f"{file} was trained for other labels than this version's")
    return Heads(named, *arrays)


def _files(folder: Path) -> Files:
    return Files(folder, FILES, "the shipped model", _REPAIR)
